import assert from "node:assert/strict";
import { resolve } from "node:path";
import { BUILDER, BUILD_NAMESPACE, CLUSTER_QUEUE, SYSTEM_NAMESPACE } from "../../contract/names";
import { readStackFile } from "../../preview/stackFile";
import { evaluate } from "../../preview/evaluate";
import { eventually, exists, kubectl, type KubernetesObject, read } from "../support/kubectl";
import { podsBecomeReadyAgain } from "../support/playedPods";
import { cluster, describeWith, programs } from "../support/requirements";
import { Workspace } from "../support/workspace";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
const CRD = "lambdafunctions.lambda.knative.io";

interface Deployment extends KubernetesObject {
  spec: { replicas: number; template: { metadata: { annotations: Record<string, string> }; spec: unknown } };
}

interface Plan {
  steps: { op: string; urn: string; newState?: { type: string }; oldState?: { type: string } }[];
}

/** `pulumi up` of `local` onto the cluster of KUBECONFIG, which must not hold such a stack already. */
describeWith(
  [programs("pulumi", "pulumi-resource-kubernetes"), cluster()],
  "the local stack on a real API server",
  function () {
    const workspace = new Workspace();
    const up = (...args: string[]) =>
      workspace.pulumiOk("up", "--stack", "local", "--yes", "--skip-preview", ...args);

    let stopPods = (): Promise<void> => Promise.resolve();
    before(async () => {
      stopPods = await podsBecomeReadyAgain();
      for (const namespace of [SYSTEM_NAMESPACE, BUILD_NAMESPACE]) {
        assert.equal(
          await exists("namespace", namespace),
          false,
          `namespace ${namespace} is in the cluster: take that stack down first`,
        );
      }
      await workspace.init("local");
    });
    after(async () => {
      // Also where a test has failed: nothing of this suite is left for the next.
      await stopPods();
      await workspace.pulumi("destroy", "--stack", "local", "--yes", "--skip-preview");
      workspace.dispose();
    });

    it("comes up", async () => {
      await up();
      const { stdout } = await workspace.pulumiOk("stack", "output", "--stack", "local", "--json");
      assert.deepEqual(JSON.parse(stdout), {
        clusterName: "local",
        registry: "10.244.77.2:5000",
        repositories: {
          cache: "10.244.77.2:5000/kaniko-cache",
          functions: "10.244.77.2:5000/functions",
          builder: "10.244.77.2:5000/knative-lambda-builder",
        },
        sourceBucket: "function-sources",
        builderAddress: `http://${BUILDER}.${SYSTEM_NAMESPACE}.svc:8080`,
        dashboardUid: "knative-lambda-performance",
      });
    });

    it("made the builder as the HPA wants it: at its minimum, by the HPA", async () => {
      const deployment = await eventually(
        "the HPA's minimum",
        () => read<Deployment>("deployment", BUILDER, SYSTEM_NAMESPACE),
        ({ spec }) => spec.replicas === 2,
      );
      assert.equal(deployment.spec.replicas, 2);
      const autoscaler = await read("hpa", BUILDER, SYSTEM_NAMESPACE);
      const { minReplicas, maxReplicas } = autoscaler.spec ?? {};
      assert.deepEqual({ minReplicas, maxReplicas }, { minReplicas: 2, maxReplicas: 5 });
    });

    it("made the queue's quota of the job limit and Kaniko's requests", async () => {
      const { spec } = await read("clusterqueue.kueue.x-k8s.io", CLUSTER_QUEUE);
      const [group] = spec?.["resourceGroups"] as {
        flavors: { resources: { name: string; nominalQuota: string }[] }[];
      }[];
      assert.deepEqual(
        Object.fromEntries(
          (group?.flavors[0]?.resources ?? []).map(({ name, nominalQuota }) => [name, nominalQuota]),
        ),
        {
          pods: "20",
          cpu: "10",
          memory: "20Gi",
          "ephemeral-storage": "40Gi",
        },
      );
      await eventually(
        "Kueue's word that the queue is active",
        () => read("clusterqueue.kueue.x-k8s.io", CLUSTER_QUEUE),
        ({ status }) =>
          ((status?.["conditions"] ?? []) as { type: string; status: string }[]).some(
            ({ type, status: is }) => type === "Active" && is === "True",
          ),
      );
    });

    it("has nothing to do the second time", async () => {
      await workspace.pulumiOk("preview", "--stack", "local", "--expect-no-changes");
      await up("--expect-no-changes");
    });

    it("has nothing to do after the HPA scaled, and leaves its replicas alone", async () => {
      await kubectl(["scale", "deployment", BUILDER, "--namespace", SYSTEM_NAMESPACE, "--replicas", "4"]);
      await up("--refresh", "--expect-no-changes");
      const { spec } = await read<Deployment>("deployment", BUILDER, SYSTEM_NAMESPACE);
      assert.equal(spec.replicas, 4);
    });

    it("updates exactly what carries Kaniko's memory limit when that alone changes, and rolls the builder", async () => {
      const before = await read<Deployment>("deployment", BUILDER, SYSTEM_NAMESPACE);
      workspace.setInStackFile(
        "local",
        ["knative-lambda:builderService", "kaniko", "resources", "limits", "memory"],
        "3Gi",
      );
      const { stdout } = await workspace.pulumiOk("preview", "--stack", "local", "--json");
      const { steps } = JSON.parse(stdout) as Plan;
      const changed = steps
        .filter(({ op }) => op !== "same")
        .map(({ op, newState, oldState }) => `${op} ${(newState ?? oldState)?.type ?? ""}`);
      assert.deepEqual(changed.sort(), [
        "update kubernetes:apps/v1:Deployment",
        "update kubernetes:core/v1:ConfigMap",
        // The dashboard draws the limit as a line.
        "update kubernetes:core/v1:ConfigMap",
      ]);
      await up();
      const after = await read<Deployment>("deployment", BUILDER, SYSTEM_NAMESPACE);
      assert.notEqual(after.metadata.generation, before.metadata.generation);
      assert.notDeepEqual(
        after.spec.template.metadata.annotations,
        before.spec.template.metadata.annotations,
      );
      assert.deepEqual(after.spec.template.spec, before.spec.template.spec);
      await up("--expect-no-changes");
    });

    it("sends nothing that the API server doesn't know: every object passes its strict field validation", async () => {
      const { registrations } = await evaluate(readStackFile(PROJECT_FOLDER, "local"));
      const objects = registrations.filter(
        ({ type, inputs }) =>
          type.startsWith("kubernetes:") && !type.includes("helm.sh") && inputs["kind"] !== undefined,
      );
      assert.ok(objects.length > 20, `${objects.length} objects`);
      const dryRun = [
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--force-conflicts",
        "--filename",
        "-",
      ];
      for (const { name, inputs } of objects) {
        await kubectl(dryRun, JSON.stringify(inputs)).catch((error: unknown) =>
          assert.fail(`${name}: ${(error as Error).message}`),
        );
      }
      // The check can fail: one field more is refused.
      const [first] = objects;
      await assert.rejects(
        kubectl(dryRun, JSON.stringify({ ...first?.inputs, speck: {} })),
        /speck: field not declared in schema/,
      );
    });

    it("leaves nothing behind when it is destroyed", async () => {
      await workspace.pulumiOk("destroy", "--stack", "local", "--yes", "--skip-preview");
      for (const namespace of [SYSTEM_NAMESPACE, BUILD_NAMESPACE]) {
        await eventually(
          `namespace ${namespace} gone`,
          () => exists("namespace", namespace),
          (there) => !there,
        );
      }
      assert.equal(await exists("crd", CRD), false);
      // The API server names a kind for a moment after its definition is gone, and has nothing to answer for it.
      const named = await eventually(
        "the definition forgotten",
        async () => (await kubectl(["api-resources", "--verbs=list", "--output=name"])).trim().split("\n"),
        (all) => !all.includes(CRD),
      );
      const kinds = named.filter((kind) => kind !== "events" && kind !== "events.events.k8s.io");
      const left = await kubectl([
        "get",
        kinds.join(","),
        "--all-namespaces",
        "--selector=app.kubernetes.io/part-of=knative-lambda",
        "--ignore-not-found",
        "--output=name",
      ]);
      assert.equal(left, "");
    });
  },
);

describeWith([programs("pulumi", "pulumi-resource-kubernetes"), cluster()], "a protected local stack", () => {
  const workspace = new Workspace();
  const output = async (...args: string[]) => {
    const { code, stdout, stderr } = await workspace.pulumi(...args);
    return { code, text: `${stdout}\n${stderr}` };
  };

  let stopPods = (): Promise<void> => Promise.resolve();
  before(async () => {
    stopPods = await podsBecomeReadyAgain();
    await workspace.init("local", (text) =>
      text.replace("knative-lambda:protect: false", "knative-lambda:protect: true"),
    );
    await workspace.pulumiOk("up", "--stack", "local", "--yes", "--skip-preview");
  });
  after(async () => {
    await stopPods();
    await workspace.pulumi("state", "unprotect", "--all", "--stack", "local", "--yes");
    await workspace.pulumi("destroy", "--stack", "local", "--yes", "--skip-preview");
    await kubectl(["delete", "crd", CRD, "--ignore-not-found"]);
    await kubectl(["delete", "namespace", BUILD_NAMESPACE, "--ignore-not-found"]);
    workspace.dispose();
  });

  it("refuses to be destroyed, naming the functions' definition, and deletes nothing", async () => {
    const { code, text } = await output("destroy", "--stack", "local", "--yes");
    assert.notEqual(code, 0);
    assert.match(text, /CustomResourceDefinition.*protected|cannot be deleted[\s\S]*protect/i);
    assert.equal(await exists("crd", CRD), true);
    assert.equal(await exists("deployment", BUILDER, SYSTEM_NAMESPACE), true);
  });

  it("keeps the functions' definition, and a function, when it is taken down on purpose", async () => {
    const sample = {
      apiVersion: "lambda.knative.io/v1alpha1",
      kind: "LambdaFunction",
      metadata: { name: "kept", namespace: "default" },
      spec: {
        source: { type: "inline", inline: { code: "def handler(data): return data" } },
        runtime: { language: "python", version: "3.11", handler: "main.handler" },
      },
    };
    await kubectl(["apply", "--server-side", "--filename", "-"], JSON.stringify(sample));
    await workspace.pulumiOk("state", "unprotect", "--all", "--stack", "local", "--yes");
    await workspace.pulumiOk("destroy", "--stack", "local", "--yes", "--skip-preview");
    assert.equal(await exists("deployment", BUILDER, SYSTEM_NAMESPACE), false);
    assert.equal(await exists("crd", CRD), true);
    assert.equal(await exists(CRD, "kept", "default"), true);
  });
});
