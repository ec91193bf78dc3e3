import { type ConfigMap, SETTINGS_MAP, settingsIn } from "../kit/builderEnvironment";
import { resourcePolicy } from "../kit/resourcePolicy";

export const kanikoCacheOn = resourcePolicy<ConfigMap>(
  {
    name: "kaniko-cache-on",
    severity: "medium",
    description: "Builds use the layer cache.",
    remediation: "Set builderService.kaniko.cache to true: SRE-002 has it at 60 % of a build's time.",
  },
  SETTINGS_MAP,
  ({ props }) => {
    const settings = settingsIn(props);
    return settings !== undefined && settings["KANIKO_CACHE"] !== "true"
      ? [`KANIKO_CACHE is ${settings["KANIKO_CACHE"] ?? "not set"}; turn it on.`]
      : [];
  },
);
