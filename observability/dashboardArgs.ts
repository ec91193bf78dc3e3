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
