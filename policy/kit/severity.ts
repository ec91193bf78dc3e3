import type { EnforcementLevel, Severity } from "@pulumi/policy";

/** What each severity means here, and what a violation of it does to a preview. One scale for all policies. */
export const SEVERITIES = {
  critical: {
    level: "mandatory",
    meaning: "lets in whoever shouldn't be, or loses what can't be made again",
  },
  high: { level: "mandatory", meaning: "breaks an environment, or weakens a defence that others build on" },
  medium: { level: "mandatory", meaning: "wastes money or time, every day" },
  low: { level: "advisory", meaning: "worth knowing; nothing is refused for it" },
} as const satisfies Record<Severity, { level: EnforcementLevel; meaning: string }>;
