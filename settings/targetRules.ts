import type { Rule } from "./rule";
import type { Settings } from "./schema";

const onlyWith = (key: string, target: Settings["target"], isSet: (settings: Settings) => boolean): Rule => ({
  reads: [key, "target"],
  wrong: (settings) =>
    settings.target !== target && isSet(settings)
      ? `has no effect with target ${settings.target}; remove it, or set target to ${target}`
      : undefined,
});

const neededOnCluster = (key: string, isSet: (settings: Settings) => boolean, example: string): Rule => ({
  reads: [key, "target"],
  wrong: (settings) =>
    settings.target === "cluster" && !isSet(settings)
      ? `is missing; target cluster needs it, as in ${example}`
      : undefined,
});

/** What a target needs, and what has no effect with it. */
export const targetRules: readonly Rule[] = [
  neededOnCluster(
    "imageRepositories.registry",
    ({ imageRepositories }) => imageRepositories.registry !== undefined,
    "registry.example.com:5000",
  ),
  neededOnCluster(
    "sourceBucket.endpoint",
    ({ sourceBucket }) => sourceBucket.endpoint !== undefined,
    "http://minio.example.com:9000",
  ),
  neededOnCluster(
    "sourceBucket.name",
    ({ sourceBucket }) => sourceBucket.name !== undefined,
    "function-sources",
  ),
  neededOnCluster(
    "builderService.image",
    ({ builderService }) => builderService.image !== undefined,
    "registry.example.com/knative-lambda-builder:0.1.0",
  ),
  onlyWith(
    "imageRepositories.registry",
    "cluster",
    ({ imageRepositories }) => imageRepositories.registry !== undefined,
  ),
  onlyWith("imageRepositories.insecure", "cluster", ({ imageRepositories }) => imageRepositories.insecure),
  onlyWith("sourceBucket.endpoint", "cluster", ({ sourceBucket }) => sourceBucket.endpoint !== undefined),
  onlyWith("sourceBucket.secretRef", "cluster", ({ sourceBucket }) => sourceBucket.secretRef !== undefined),
  onlyWith("cluster.context", "cluster", ({ cluster }) => cluster.context !== undefined),
  onlyWith("cluster.creatorArn", "aws", ({ cluster }) => cluster.creatorArn !== undefined),
  onlyWith("network.vpcId", "aws", ({ network }) => network.vpcId !== undefined),
  onlyWith("budget.emails", "aws", ({ budget }) => budget.emails.length > 0),
  onlyWith("budget.monthlyUsd", "aws", ({ budget }) => budget.monthlyUsd !== undefined),
  onlyWith("knative.certificateArn", "aws", ({ knative }) => knative.certificateArn !== undefined),
];
