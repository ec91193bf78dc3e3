import type { Settings } from "../settings";
import type { Quantity } from "../settings/scalars";

/** What of the settings the dashboard draws as lines. */
export interface DashboardArgs {
  /** Address below which `docs/runbooks` is read: `monitoring.runbooks`. Without one a panel names its runbook's file. */
  runbooks?: string | undefined;
  /** Builds that run at once: `builderService.kanikoJobLimit`. */
  kanikoJobLimit: number;
  /** What one build is given: `builderService.kaniko.resources`. */
  kaniko: { requests: ComputeAmounts; limits: ComputeAmounts };
  /** Per cent of the request at which the HPA scales the builder; undefined without one. */
  targetCPU?: number | undefined;
}

interface ComputeAmounts {
  cpu: Quantity;
  memory: Quantity;
}

/** What the dashboard draws of a stack's settings. */
export const dashboardArgs = ({
  builderService,
  monitoring,
}: Pick<Settings, "builderService" | "monitoring">): DashboardArgs => ({
  runbooks: monitoring.runbooks,
  kanikoJobLimit: builderService.kanikoJobLimit,
  kaniko: builderService.kaniko.resources,
  targetCPU: builderService.autoscaling.enabled ? builderService.autoscaling.targetCPU : undefined,
});
