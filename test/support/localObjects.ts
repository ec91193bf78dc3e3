import { resolve } from "node:path";
import { BUILD_NAMESPACE, SYSTEM_NAMESPACE } from "../../contract/names";
import { evaluate } from "../../preview/evaluate";
import type { Registration } from "../../preview/recordingMonitor";
import { readStackFile } from "../../preview/stackFile";
import { served } from "./functionDefinition";
import { eventually, exists, kubectl } from "./kubectl";
import { endPods } from "./namespaces";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

const CRD = "lambdafunctions.lambda.knative.io";

/** Kinds that a builder which runs as a process beside the cluster has no use for. */
const LEFT_OUT = ["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "KnativeServing"];

/**
 * What the local stack makes in a cluster, but for what would run the builder in it: a builder in a pod couldn't reach an API server
 * that listens on the loopback.
 */
export class LocalObjects {
  /** Namespaces that were there before: they are not this class's to remove. */
  private readonly foreign = new Set<unknown>();

  private constructor(
    private readonly objects: readonly Registration[],
    /** The builder's whole environment, as its ConfigMap has it. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** @param sets other values for settings of the local stack, as `builderService.kanikoJobLimit=20` */
  static async of(...sets: string[]): Promise<LocalObjects> {
    const { registrations } = await evaluate(readStackFile(PROJECT_FOLDER, "local", sets));
    const objects = registrations.filter(
      ({ type, inputs }) =>
        type.startsWith("kubernetes:") &&
        !type.includes("helm.sh") &&
        typeof inputs["kind"] === "string" &&
        !LEFT_OUT.includes(inputs["kind"]),
    );
    const environment = objects.find(({ name }) => name === "builder-environment")?.inputs["data"];
    return new LocalObjects(objects, environment as Record<string, string>);
  }

  /** Puts them into the cluster, in the order in which the program makes them, and waits until functions can be made. */
  async apply(): Promise<void> {
    const namespaces = this.objects.filter(({ inputs }) => inputs["kind"] === "Namespace");
    const others = this.objects.filter(({ inputs }) => inputs["kind"] !== "Namespace");
    for (const { inputs } of namespaces) {
      const { name } = inputs["metadata"] as { name: string };
      if (await exists("namespace", name)) this.foreign.add(inputs);
    }
    for (const part of [namespaces, others]) {
      const list = { apiVersion: "v1", kind: "List", items: part.map(({ inputs }) => inputs) };
      await kubectl(
        ["apply", "--server-side", "--force-conflicts", "--field-manager=test", "--filename", "-"],
        JSON.stringify(list),
      );
    }
    await served(CRD);
  }

  /** Takes them out again, functions first. A finalizer whose builder is gone is taken off: nothing of a suite stays for the next. */
  async remove(): Promise<void> {
    const names = (
      await kubectl([
        "get",
        "lambdafunctions",
        "--all-namespaces",
        "--ignore-not-found",
        '--output=jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\\n"}{end}',
      ]).catch(() => "")
    )
      .split("\n")
      .filter((line) => line !== "");
    for (const line of names) {
      const [namespace = "", name = ""] = line.split(" ");
      await kubectl([
        "patch",
        "lambdafunction",
        name,
        "--namespace",
        namespace,
        "--type=merge",
        "--patch",
        '{"metadata":{"finalizers":null}}',
      ]).catch(() => "");
    }
    await endPods(BUILD_NAMESPACE);
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: this.objects
        .map(({ inputs }) => inputs)
        .filter((inputs) => !this.foreign.has(inputs))
        .reverse(),
    };
    await kubectl(["delete", "--ignore-not-found", "--wait=false", "--filename", "-"], JSON.stringify(list));
    for (const namespace of [SYSTEM_NAMESPACE, BUILD_NAMESPACE]) {
      // With what it is said to wait for, where it stays. The events of hundreds of builds go one by one.
      await eventually(
        `namespace ${namespace} gone`,
        () => kubectl(["get", "namespace", namespace, "--ignore-not-found", "--output=jsonpath={.status}"]),
        (status) => status === "",
        240,
      );
    }
    await eventually(
      "the definition of functions gone",
      () => exists("crd", CRD),
      (there) => !there,
    );
  }
}
