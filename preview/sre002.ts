import { canonicalQuantity, durationSeconds } from "../settings/scalars";

/** A figure that SRE-002 states for a setting. */
export interface Specified {
  /** As SRE-002 writes it. */
  figure: string;
  /** What SRE-002 says it was before. */
  was?: string;
  /** Number of the optimization technique; 0 for the pro tips. */
  technique: number;
  /** Whether a setting's value is that figure. */
  agrees: (value: unknown) => boolean;
}

const exactly = (figure: boolean | number, technique: number, was?: number): Specified => ({
  figure: String(figure),
  ...(was === undefined ? {} : { was: String(was) }),
  technique,
  agrees: (value) => value === figure,
});

const quantity = (figure: string, technique: number, was: string): Specified => ({
  figure,
  was,
  technique,
  agrees: (value) => typeof value === "string" && canonicalQuantity(value) === canonicalQuantity(figure),
});

/** SRE-002's figures, by setting: everything that its optimization techniques state and a setting decides. */
export const SRE002: Readonly<Record<string, Specified>> = {
  "builderService.kaniko.cache": exactly(true, 1),
  "builderService.kaniko.cacheRepo": {
    figure: "${ECR_REGISTRY}/kaniko-cache",
    technique: 1,
    // Absent, it is that very repository.
    agrees: (value) => value === null || value === "${ECR_REGISTRY}/kaniko-cache",
  },
  "builderService.kaniko.cacheTTL": {
    figure: "72h",
    technique: 1,
    agrees: (value) => typeof value === "string" && durationSeconds(value) === durationSeconds("72h"),
  },
  "builderService.kaniko.resources.requests.cpu": quantity("1000m", 4, "500m"),
  "builderService.kaniko.resources.requests.memory": quantity("2Gi", 4, "1Gi"),
  "builderService.kaniko.resources.limits.cpu": quantity("2000m", 4, "1000m"),
  "builderService.kaniko.resources.limits.memory": quantity("4Gi", 4, "2Gi"),
  "builderService.replicas": exactly(3, 5, 1),
  "builderService.kanikoJobLimit": exactly(100, 5, 50),
  "builderService.autoscaling.enabled": exactly(true, 5),
  "builderService.autoscaling.minReplicas": exactly(2, 5),
  "builderService.autoscaling.maxReplicas": exactly(10, 5),
  "builderService.autoscaling.targetCPU": exactly(70, 5),
  "keepAlive.minScale": exactly(1, 6),
  "keepAlive.maxScale": exactly(10, 6),
  "keepAlive.target": exactly(10, 6),
  "keepAlive.functions": {
    figure: "below 10",
    technique: 0,
    agrees: (value) => Array.isArray(value) && value.length < 10,
  },
  "sourceBucket.accelerate": exactly(true, 7),
};
