import type { Vector } from "./promql";

/** Rules as the Prometheus operator's PrometheusRule holds them (monitoring.coreos.com/v1). */
export interface RuleGroup {
  name: string;
  rules: (RecordingRule | AlertingRule)[];
}

export interface RecordingRule {
  /** `level:metric:operation`, after Prometheus's naming. */
  record: string;
  expr: Vector<string>;
}

export interface AlertingRule {
  alert: string;
  expr: Vector<string>;
  /** How long the expression must hold before the alert fires. */
  for: string;
  labels: { severity: Severity };
  annotations: { summary: string; description: string; runbook_url: string };
}

/** `critical` calls someone at night, `warning` waits for the morning, `info` for whoever looks. */
export type Severity = "critical" | "warning" | "info";
