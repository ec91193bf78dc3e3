import { type ConfigMap, SETTINGS_MAP, settingsIn } from "../kit/builderEnvironment";
import { resourcePolicy } from "../kit/resourcePolicy";

export const kanikoImageMaintained = resourcePolicy<ConfigMap, { archived: string[] }>(
  {
    name: "kaniko-image-maintained",
    severity: "high",
    description: "Builds run a Kaniko that somebody maintains.",
    remediation: "Use ghcr.io/osscontainertools/kaniko, the maintained fork, or a copy of it.",
    blind: "What a copy in a registry of one's own was copied from.",
    config: {
      archived: {
        description: "Repositories of images that get no fixes any more.",
        default: ["gcr.io/kaniko-project/", "docker.io/kaniko-project/"],
      },
    },
  },
  SETTINGS_MAP,
  ({ props }, { archived }) => {
    const image = settingsIn(props)?.["KANIKO_IMAGE"] ?? "";
    return archived
      .filter((repository) => image.startsWith(repository))
      .map(
        (repository) =>
          `KANIKO_IMAGE ${image} is of ${repository}, archived in 2025; use the maintained fork.`,
      );
  },
);
