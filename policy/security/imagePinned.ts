import { readImageReference } from "../../settings/scalars";
import { type ConfigMap, settingsIn } from "../kit/builderEnvironment";
import { containersOf, PODS_UNSEEN, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES, WORKLOADS } from "../kit/types";

/** The builder's settings that name an image. */
const NAMES_IMAGE = /^(KANIKO_IMAGE|BUILDER_IMAGE|BASE_IMAGE_\w+)$/;
/** A stack that offers no such base says so by an empty value. */
const OPTIONAL = /^BASE_IMAGE_\w+_ALPINE$/;

export const imagePinned = resourcePolicy<Workload & ConfigMap>(
  {
    name: "image-pinned",
    severity: "high",
    description: "Images are named by digest or exact tag, with their registry.",
    remediation:
      "Write an exact tag, then `npm run pin`, which adds the digest that the registry has for it.",
    blind: `Whether a registry moves an exact tag all the same. ${PODS_UNSEEN}`,
  },
  [...WORKLOADS, TYPES.configMap],
  ({ type, props }) => {
    const images =
      type === TYPES.configMap
        ? Object.entries(settingsIn(props) ?? {}).filter(
            ([name, image]) => NAMES_IMAGE.test(name) && !(image === "" && OPTIONAL.test(name)),
          )
        : containersOf(type, props).map(({ container: { name, image = "" } }) => [name, image] as const);
    return images.flatMap(([name, image]) => {
      const read = readImageReference(image);
      return typeof read === "string" ? [`${name}: ${image} ${read}.`] : [];
    });
  },
);
