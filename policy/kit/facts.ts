import type { Policy, PolicyConfigSchema, Severity } from "@pulumi/policy";
import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { SEVERITIES } from "./severity";

/** A threshold of a policy, changed with `--policy-pack-config`. */
export interface Threshold<T = string | number | string[]> {
  description: string;
  default: T;
}

export type Thresholds<Config> = { [Key in keyof Config]: Threshold<Config[Key]> };

/** What every policy says of itself. */
export interface Facts<Config extends object> {
  /** As `bucket-tls-only`; also its file's name and its heading in docs/policies.md. */
  name: string;
  severity: Severity;
  /** What must be, as a sentence. */
  description: string;
  /** What to do about a violation. */
  remediation: string;
  /** What the policy can't see, where that may surprise. */
  blind?: string;
  config?: Thresholds<Config>;
}

/** Where the policies are described: a heading for each. */
export const PAGE = "docs/policies.md";

/** The facts as the SDK takes them. */
export const described = <Config extends object>(facts: Facts<Config>): Policy & { severity: Severity } => ({
  name: facts.name,
  description: facts.description,
  severity: facts.severity,
  enforcementLevel: SEVERITIES[facts.severity].level,
  remediationSteps: facts.remediation,
  url: `${PAGE}#${facts.name}`,
  ...(facts.config === undefined ? {} : { configSchema: schema(facts.config) }),
});

const schema = (config: Thresholds<object>): PolicyConfigSchema => ({
  properties: Object.fromEntries(
    Object.entries(config as Record<string, Threshold>).map(([key, threshold]) => [
      key,
      { ...typeOf(threshold.default), description: threshold.description, default: threshold.default },
    ]),
  ),
});

function typeOf(value: Threshold["default"]): PolicyConfigJSONSchema {
  if (Array.isArray(value)) return { type: "array", items: { type: "string" } };
  return { type: typeof value === "number" ? "number" : "string" };
}

/** The thresholds that count: the defaults, and over them what the pack's configuration says. */
export const thresholds = <Config extends object>(
  facts: Facts<Config>,
  configured: Partial<Config>,
): Config =>
  ({
    ...Object.fromEntries(
      Object.entries((facts.config ?? {}) as Record<string, Threshold>).map(([key, threshold]) => [
        key,
        threshold.default,
      ]),
    ),
    ...configured,
  }) as Config;
