import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { functionCrdSpec } from "../../contract/function/crd";
import { eventually, kubectl, read } from "./kubectl";

/** Runs kubectl and waits for it: a test of one answer after the other needs no more. */
export const kubectlNow = (args: string[], object?: unknown) => {
  const input = object === undefined ? {} : { input: JSON.stringify(object) };
  const { status, stdout, stderr } = spawnSync("kubectl", args, { encoding: "utf8", ...input });
  return { fine: status === 0, stdout, stderr };
};

/**
 * Waits until a definition is established and its objects can be asked for, which is so a moment later only. `kubectl wait` fails where a
 * definition has no condition yet.
 */
export async function served(definition: string): Promise<void> {
  await eventually(
    `${definition} served`,
    async () => {
      const { status } = await read("crd", definition);
      const conditions = (status?.["conditions"] ?? []) as { type: string; status: string }[];
      const refusal = await kubectl(["get", definition, "--all-namespaces", "--output=name"]).then(
        () => "",
        String,
      );
      return { conditions, refusal };
    },
    ({ conditions, refusal }) =>
      conditions.some(({ type, status }) => type === "Established" && status === "True") && refusal === "",
  );
}

/** The definition of functions in a group of a test's own, so that it leaves a platform on the same cluster alone. */
export class FunctionDefinition {
  constructor(
    readonly group: string,
    private readonly shortName: string,
  ) {}

  get name(): string {
    return `lambdafunctions.${this.group}`;
  }

  /** Puts it into the cluster, and waits until the API server serves it. */
  async establish(): Promise<void> {
    const { group, name, shortName } = this;
    const applied = kubectlNow(["apply", "--server-side", "--validate=strict", "--filename", "-"], {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name },
      spec: { ...functionCrdSpec, group, names: { ...functionCrdSpec.names, shortNames: [shortName] } },
    });
    assert.ok(applied.fine, applied.stderr);
    await served(name);
  }

  remove(): void {
    kubectlNow(["delete", "crd", this.name, "--ignore-not-found"]);
  }
}
