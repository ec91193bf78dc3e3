import type { Vector } from "../promql";
import type { AlertingRule, Severity } from "../rule";
import { type Runbook, runbookAddress } from "../runbooks";

export interface AlertArgs {
  expr: Vector<string>;
  /** How long it must be so before anybody is told. */
  for: string;
  severity: Severity;
  /** One line with the value. */
  summary: string;
  /** What it means and for whom. */
  description: string;
  runbook: Runbook;
}

/** @param runbooks Address below which the runbooks are read; "" for the path in this repository */
export const alert = (
  name: string,
  { severity, summary, description, runbook, ...rule }: AlertArgs,
  runbooks: string,
): AlertingRule => ({
  alert: `KnativeLambda${name}`,
  ...rule,
  labels: { severity },
  annotations: { summary, description, runbook_url: runbookAddress(runbook, runbooks) },
});
