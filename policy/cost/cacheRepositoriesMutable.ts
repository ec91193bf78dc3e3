import { purposeOf, REPOSITORIES, type Repository } from "../kit/ecr";
import { resourcePolicy } from "../kit/resourcePolicy";

export const cacheRepositoriesMutable = resourcePolicy<Repository>(
  {
    name: "cache-repositories-mutable",
    severity: "high",
    description: "Repositories of cached layers are mutable.",
    remediation:
      "Set imageTagMutability to MUTABLE: Kaniko writes a layer that has expired under its old tag again, and its builds would fail.",
  },
  REPOSITORIES,
  (resource) =>
    purposeOf(resource) === "cache" && (resource.props.imageTagMutability ?? "MUTABLE") !== "MUTABLE"
      ? [`imageTagMutability is ${resource.props.imageTagMutability ?? ""}; make it MUTABLE.`]
      : [],
);
