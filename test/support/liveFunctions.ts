import { BUILD_NAMESPACE } from "../../contract/names";
import { LABELS } from "../../contract/labels";
import type { FunctionStatus } from "../../contract/function/status";
import type { BuilderProcess } from "./builderProcess";
import { eventually, kubectl } from "./kubectl";

/** Where Knative's activator answers: there is no ingress beside a cluster of processes, so a request names the revision. */
export const ACTIVATOR = "http://127.0.0.1:8012";

export interface Live {
  metadata: { generation: number };
  status?: FunctionStatus;
}

/** An answer of a function, by the contract of the functions API. */
export interface Answer {
  functionName: string;
  result: { statusCode: number; body: unknown };
}

/** The functions of a namespace in a real cluster, as their author and their callers see them. */
export class LiveFunctions {
  /** @param builder whose log explains a failure */
  constructor(
    private readonly namespace: string,
    private readonly builder: () => BuilderProcess,
  ) {}

  async read(name: string): Promise<Live> {
    const { namespace } = this;
    return JSON.parse(
      await kubectl(["get", "lambdafunction", name, "--namespace", namespace, "--output", "json"]),
    ) as Live;
  }

  apply(name: string, spec: Record<string, unknown>): Promise<string> {
    return kubectl(
      ["apply", "--server-side", "--filename", "-"],
      JSON.stringify({
        apiVersion: "lambda.knative.io/v1alpha1",
        kind: "LambdaFunction",
        metadata: { name, namespace: this.namespace },
        spec: {
          resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
          ...spec,
        },
      }),
    );
  }

  /** Waits until a function serves its present generation; fails at once where it has failed. */
  async ready(name: string, seconds = 600): Promise<Live> {
    try {
      return await eventually(
        `${name} Ready`,
        () => this.read(name),
        ({ metadata, status }) => {
          if (status?.phase === "Failed" && status.observedGeneration === metadata.generation)
            throw new Error(`${name} failed: ${JSON.stringify(status)}`);
          return status?.phase === "Ready" && status.observedGeneration === metadata.generation;
        },
        seconds,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${this.builder().log()}`, { cause: error });
    }
  }

  /** Sends a CloudEvent to the revision that serves the function now. */
  async send(name: string, data: unknown): Promise<{ status: number; type: string | null; answer: Answer }> {
    const revision = (await this.read(name)).status?.serviceStatus?.latestRevision ?? "";
    const response = await fetch(ACTIVATOR, {
      method: "POST",
      headers: {
        "Knative-Serving-Namespace": this.namespace,
        "Knative-Serving-Revision": revision,
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-type": "test.order",
        "ce-source": "/test",
        "content-type": "application/json",
      },
      body: JSON.stringify(data),
      signal: AbortSignal.timeout(180_000),
    });
    return {
      status: response.status,
      type: response.headers.get("ce-type"),
      answer: (await response.json()) as Answer,
    };
  }

  /** Names of the Jobs that build it or have built it. */
  async jobsOf(name: string): Promise<string[]> {
    const selector = `${LABELS.function}=${name},${LABELS.functionNamespace}=${this.namespace}`;
    return (
      await kubectl([
        ...["get", "jobs", "--namespace", BUILD_NAMESPACE, "--selector", selector],
        '--output=jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}',
      ])
    )
      .split("\n")
      .filter((line) => line !== "");
  }

  /** Has the builder remove them all. */
  async removeAll(): Promise<void> {
    await kubectl([
      ...["delete", "lambdafunctions", "--all", "--namespace", this.namespace],
      "--timeout=180s",
    ]).catch(() => "");
  }
}
