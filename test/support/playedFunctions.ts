import type { FunctionStatus } from "../../contract/function/status";
import { BUILD_NAMESPACE } from "../../contract/names";
import { kubectl } from "./kubectl";

/** A function as it is in the cluster. */
export interface LiveFunction {
  metadata: { name: string };
  status?: FunctionStatus;
}

export const liveFunctions = async (): Promise<LiveFunction[]> =>
  (
    JSON.parse(
      await kubectl(["get", "lambdafunctions", "--namespace", BUILD_NAMESPACE, "--output", "json"]),
    ) as { items: LiveFunction[] }
  ).items;

/** Makes Python functions of one line each. */
export const applyFunctions = (
  names: readonly string[],
  line = (name: string) => `return "${name}"`,
): Promise<string> =>
  kubectl(
    ["apply", "--server-side", "--filename", "-"],
    JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: names.map((name) => ({
        apiVersion: "lambda.knative.io/v1alpha1",
        kind: "LambdaFunction",
        metadata: { name, namespace: BUILD_NAMESPACE },
        spec: {
          source: { type: "inline", inline: { code: `def handler(data):\n    ${line(name)}\n` } },
          runtime: { language: "python", version: "3.11", handler: "main.handler" },
          build: { timeout: "10m" },
        },
      })),
    }),
  );
