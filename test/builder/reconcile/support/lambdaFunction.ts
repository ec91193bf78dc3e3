import { functionSpec } from "../../../../contract/function/spec";
import type { FunctionStatus } from "../../../../contract/function/status";
import type { LambdaFunction } from "../../../../builder/kubernetes/resources";

export const NOW = new Date("2026-11-01T12:00:00.000Z");

/** A function as the API server has it. */
export const lambdaFunction = (
  status?: FunctionStatus,
  spec: Record<string, unknown> = {},
  metadata: Partial<LambdaFunction["metadata"]> = {},
): LambdaFunction => ({
  metadata: {
    namespace: "team-a",
    name: "parser-1",
    uid: "uid-1",
    generation: 2,
    resourceVersion: "7",
    ...metadata,
  },
  spec: functionSpec.parse({
    source: { type: "inline", inline: { code: "def handler(data): return data" } },
    runtime: { language: "python", version: "3.13", handler: "main.handler" },
    ...spec,
  }),
  ...(status === undefined ? {} : { status }),
});

/** A condition of the present generation. */
export const condition = (type: string, status: "True" | "False" | "Unknown", observedGeneration = 2) => ({
  type,
  status,
  reason: "Because",
  message: "",
  lastTransitionTime: NOW.toISOString(),
  observedGeneration,
});
