import { LIVE_TAG_PREFIX } from "../../contract/names";
import { purposeOf, REPOSITORIES, type Repository } from "../kit/ecr";
import { resourcePolicy } from "../kit/resourcePolicy";

export const imagesImmutable = resourcePolicy<Repository, { mutablePurposes: string[] }>(
  {
    name: "images-immutable",
    severity: "high",
    description:
      "A tag in a repository never comes to name another image, but for the tags that say what runs.",
    remediation: `Set imageTagMutability to IMMUTABLE, or to IMMUTABLE_WITH_EXCLUSION for ${LIVE_TAG_PREFIX}* alone.`,
    config: {
      mutablePurposes: {
        description: "Values of the tag `purpose` whose repositories are mutable by design.",
        default: ["cache", "base-images"],
      },
    },
  },
  REPOSITORIES,
  (resource, { mutablePurposes }) => {
    if (mutablePurposes.includes(purposeOf(resource) ?? "")) return [];
    const { imageTagMutability, imageTagMutabilityExclusionFilters } = resource.props;
    if (imageTagMutability === "IMMUTABLE") return [];
    if (imageTagMutability !== "IMMUTABLE_WITH_EXCLUSION")
      return [`imageTagMutability is ${imageTagMutability ?? "not set"}; make it IMMUTABLE.`];
    return (imageTagMutabilityExclusionFilters ?? [])
      .filter(({ filter }) => !(filter ?? "").startsWith(LIVE_TAG_PREFIX))
      .map(({ filter }) => `tags ${filter ?? ""} can be moved; exclude ${LIVE_TAG_PREFIX}* alone.`);
  },
);
