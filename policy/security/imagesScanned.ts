import { purposeOf, type Repository } from "../kit/ecr";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

export const imagesScanned = resourcePolicy<Repository, { unscannedPurposes: string[] }>(
  {
    name: "images-scanned",
    severity: "high",
    description: "Images that run are scanned when they are pushed.",
    remediation: "Set imageScanningConfiguration.scanOnPush to true.",
    blind:
      "Repositories that ECR makes from a template: those are scanned where the stack owns the registry's settings (imageRepositories.ownsRegistrySettings).",
    config: {
      unscannedPurposes: {
        description: "Values of the tag `purpose` whose images never run.",
        default: ["cache", "base-images"],
      },
    },
  },
  [TYPES.repository],
  (resource, { unscannedPurposes }) =>
    unscannedPurposes.includes(purposeOf(resource) ?? "") ||
    resource.props.imageScanningConfiguration?.scanOnPush === true
      ? []
      : ["imageScanningConfiguration.scanOnPush is not true; set it."],
);
