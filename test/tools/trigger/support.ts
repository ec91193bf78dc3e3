import type { FunctionStatus } from "../../../contract/function/status";
import type { LambdaFunction } from "../../../tools/trigger/progress";

/** A function of generation 2, on its way as its status says. */
export const parser = (status?: FunctionStatus, annotations?: Record<string, string>): LambdaFunction => ({
  metadata: { name: "parser-1", generation: 2, ...(annotations === undefined ? {} : { annotations }) },
  spec: {
    source: { type: "s3", s3: { bucket: "function-sources", key: "knative-lambda/parser-1.tar.gz" } },
    runtime: { language: "python", version: "3.11" },
  },
  ...(status === undefined ? {} : { status }),
});

type Condition = NonNullable<FunctionStatus["conditions"]>[number];

export const condition = (
  type: string,
  status: Condition["status"],
  reason: string,
  message: string,
): Condition => ({ type, status, reason, message, lastTransitionTime: "2026-11-25T06:00:00Z" });
