import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BUILD_NAMESPACE,
  BUILDER,
  CLUSTER_QUEUE,
  KNATIVE_NAMESPACE,
  SYSTEM_NAMESPACE,
} from "../../contract/names";
import type { Deployment as State } from "../../tools/ciChecks/pendingOperations";
import { BuilderProcess } from "../support/builderProcess";
import { BuildPlayer } from "../support/buildPlayer";
import { eventually, exists, kubectl, type KubernetesObject, read } from "../support/kubectl";
import { LocalObjects } from "../support/localObjects";
import { OciRegistry } from "../support/ociRegistry";
import { podsBecomeReadyAgain } from "../support/playedPods";
import { updatedServicesBecomeReady } from "../support/playedServices";
import { address, cluster, describeWith, programs } from "../support/requirements";
import { Workspace } from "../support/workspace";

const S3 = process.env["AWS_ENDPOINT_URL_S3"] ?? "http://127.0.0.1:15555";
const CRD = "lambdafunctions.lambda.knative.io";
const FUNCTION = "rolled-back";

interface Deployment extends KubernetesObject {
  metadata: KubernetesObject["metadata"] & { uid: string };
  spec: {
    template: {
      metadata: { annotations: Record<string, string> };
      spec: { containers: { image: string }[] };
    };
  };
}
interface Lambda extends KubernetesObject {
  status?: { phase?: string; observedGeneration?: number };
}
interface Service extends KubernetesObject {
  spec: { template: { spec: { containers: { image: string }[] } } };
}

/** Denies pods in the builder's namespace, so that its Deployment stays under way. Waiting for it is what an update is interrupted in. */
const HOLD = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"].map((kind) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind,
  metadata: { name: "hold-builder-pods" },
  spec:
    kind === "ValidatingAdmissionPolicy"
      ? {
          failurePolicy: "Fail",
          matchConstraints: {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": SYSTEM_NAMESPACE } },
            resourceRules: [
              { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
            ],
          },
          validations: [{ expression: "false", message: "held by a test" }],
        }
      : { policyName: "hold-builder-pods", validationActions: ["Deny"] },
}));

/**
 * What docs/operations.md says to do, done: an interrupted `up`, drift, rollbacks, destroy. Real are the engine, its state and locks, the API
 * server and its controllers, and the builder, which runs as a process beside the cluster; pods, builds and Knative are played.
 */
describeWith(
  [programs("pulumi", "pulumi-resource-kubernetes", "kubectl", "ps"), cluster(), address(S3)],
  "the operations page on the local stack",
  () => {
    const workspace = new Workspace();
    const registry = new OciRegistry();
    const stateFile = join(workspace.folder, "state", ".pulumi", "stacks", "knative-lambda", "local.json");
    const script = (name: string, ...args: string[]) => workspace.npm(name, "--stack", "local", ...args);
    const scriptOk = async (name: string, ...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await script(name, ...args);
      assert.equal(code, 0, `${name}: ${stdout}\n${stderr}`);
      return stdout;
    };
    const set = (path: readonly [section: string, ...rest: string[]], value: unknown): void => {
      workspace.setInStackFile("local", [`knative-lambda:${path[0]}`, ...path.slice(1)], value);
    };
    const builder = (): Promise<Deployment> => read<Deployment>("deployment", BUILDER, SYSTEM_NAMESPACE);

    /** URNs of what is under way, as the state has it now. */
    const pending = (): string[] => {
      const { checkpoint } = JSON.parse(readFileSync(stateFile, "utf8")) as {
        checkpoint: { latest?: State };
      };
      return (checkpoint.latest?.pending_operations ?? []).map(({ resource }) => resource.urn);
    };
    const isUnderWay = async (): Promise<boolean> => {
      try {
        const urns = pending();
        return (
          urns.length === 1 &&
          urns[0]?.endsWith("::builder-deployment") === true &&
          (await exists("deployment", BUILDER, SYSTEM_NAMESPACE))
        );
      } catch (error) {
        // Being written, or not there yet.
        if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw error;
      }
    };

    /** What the function needs beside the stack file: a registry and a store that this machine's builder reaches. */
    let sets: (readonly [path: readonly [string, ...string[]], value: string])[] = [];

    let stopPods = (): Promise<void> => Promise.resolve();
    before(async () => {
      for (const namespace of [SYSTEM_NAMESPACE, BUILD_NAMESPACE])
        assert.equal(await exists("namespace", namespace), false, `namespace ${namespace} is in the cluster`);
      stopPods = await podsBecomeReadyAgain();
      await registry.listen();
      registry.put("python", "3.11-slim", "base python");
      await fetch(`${S3}/function-sources`, { method: "PUT" });
      sets = [
        [["imageRepositories", "registry"], registry.host],
        [["imageRepositories", "baseImages", "python"], `${registry.host}/python:3.11-slim`],
        [["sourceBucket", "endpoint"], S3],
      ];
      await workspace.init("local");
      for (const [path, value] of sets) set(path, value);
      set(["knative", "version"], "1.22");
      await kubectl(
        ["apply", "--server-side", "--filename", "-"],
        JSON.stringify({ apiVersion: "v1", kind: "List", items: HOLD }),
      );
    });
    after(async () => {
      // Also where a test has failed: nothing of this suite is left for the next.
      await stopPods();
      await release();
      await workspace.pulumi("cancel", "--stack", "local", "--yes");
      await workspace.pulumi("destroy", "--stack", "local", "--yes", "--skip-preview");
      workspace.dispose();
      registry.close();
    });
    const release = () =>
      kubectl(
        ["delete", "--ignore-not-found", "--filename", "-"],
        JSON.stringify({ apiVersion: "v1", kind: "List", items: HOLD }),
      );

    let interrupted: Deployment;

    it("leaves a lock and what was under way when an up is killed, and refuses another", async () => {
      const { code } = await workspace.npmKilled(
        () => eventually("the builder's Deployment under way", isUnderWay, (is) => is, 600),
        "deploy",
        ...["--stack", "local"],
      );
      assert.equal(code, null);
      assert.deepEqual(
        pending().map((urn) => urn.split("::")[3]),
        ["builder-deployment"],
      );
      interrupted = await builder();
      await release();
      const second = await workspace.pulumi("up", "--stack", "local", "--yes", "--skip-preview");
      assert.notEqual(second.code, 0);
      assert.match(`${second.stdout}\n${second.stderr}`, /currently locked by 1 lock/);
    });

    it("recovers: breaks the dead lock, takes in what was made, and comes up without making it twice", async () => {
      const said = await scriptOk("recover");
      assert.match(said, /^local: broke the lock that /m);
      assert.match(said, /^local: was made, and is in the state: .*::builder-deployment$/m);
      await scriptOk("deploy");
      assert.equal((await builder()).metadata.uid, interrupted.metadata.uid);
      await workspace.pulumiOk("preview", "--stack", "local", "--expect-no-changes");
      assert.equal((await scriptOk("recover")).trim(), "local: nothing is pending");
    });

    it("finds drift, by the exit code, and puts back what the program says", async () => {
      await scriptOk("drift");
      await kubectl(["delete", "poddisruptionbudget", BUILDER, "--namespace", SYSTEM_NAMESPACE]);
      const { code, stdout } = await script("drift");
      assert.notEqual(code, 0);
      assert.match(stdout, /PodDisruptionBudget/);
      assert.equal(await exists("poddisruptionbudget", BUILDER, SYSTEM_NAMESPACE), false);
      await scriptOk("deploy", "--refresh");
      assert.equal(await exists("poddisruptionbudget", BUILDER, SYSTEM_NAMESPACE), true);
      await scriptOk("drift");
    });

    it("rolls settings, the builder's image and Knative back by the stack file, and replaces nothing", async () => {
      const quota = async (): Promise<string | undefined> => {
        const { spec } = await read("clusterqueue.kueue.x-k8s.io", CLUSTER_QUEUE);
        const [group] = spec?.["resourceGroups"] as {
          flavors: { resources: { name: string; nominalQuota: string }[] }[];
        }[];
        return group?.flavors[0]?.resources.find(({ name }) => name === "pods")?.nominalQuota;
      };
      const knative = async (): Promise<unknown> =>
        (await read("knativeserving", "knative-serving", KNATIVE_NAMESPACE)).spec?.["version"];
      const standing = async () => {
        const { metadata, spec } = await builder();
        return {
          uid: metadata.uid,
          template: spec.template.metadata.annotations,
          image: spec.template.spec.containers[0]?.image,
          quota: await quota(),
          knative: await knative(),
        };
      };
      const before = await standing();
      const file = join(workspace.folder, "Pulumi.local.yaml");
      const text = readFileSync(file, "utf8");

      set(["builderService", "kanikoJobLimit"], 10);
      set(["builderService", "image"], "10.244.77.2:5000/knative-lambda-builder:0.2.0");
      set(["knative", "version"], "1.23");
      await scriptOk("deploy");
      const changed = await standing();
      assert.deepEqual(
        { quota: changed.quota, image: changed.image, knative: changed.knative, uid: changed.uid },
        {
          quota: "10",
          image: "10.244.77.2:5000/knative-lambda-builder:0.2.0",
          knative: "1.23.0",
          uid: before.uid,
        },
      );
      assert.notDeepEqual(changed.template, before.template);

      workspace.writeStackFile("local", () => text);
      const plan = await scriptOk("plan");
      const ops = (JSON.parse(plan) as { steps: { op: string }[] }).steps.map(({ op }) => op);
      assert.deepEqual([...new Set(ops)].sort(), ["same", "update"]);
      await scriptOk("deploy");
      assert.deepEqual(await standing(), before);
    });

    it("serves a function's image from before when it is told to, until its spec changes", async () => {
      const { environment } = await LocalObjects.of(
        ...sets.map(([path, value]) => `${path.join(".")}=${value}`),
      );
      const player = new BuildPlayer(registry, 0.5);
      await player.start();
      const stopServices = await updatedServicesBecomeReady();
      const beside = await BuilderProcess.start("builder-operations", environment);
      try {
        const apply = async (answer: string): Promise<string> => {
          const applied = {
            apiVersion: "lambda.knative.io/v1alpha1",
            kind: "LambdaFunction",
            metadata: { name: FUNCTION, namespace: BUILD_NAMESPACE },
            spec: {
              source: { type: "inline", inline: { code: `def handler(data):\n    return "${answer}"\n` } },
              runtime: { language: "python", version: "3.11", handler: "main.handler" },
            },
          };
          await kubectl(["apply", "--server-side", "--filename", "-"], JSON.stringify(applied));
          const { metadata } = await eventually(
            `${FUNCTION} Ready with ${answer}`,
            () => read<Lambda>(CRD, FUNCTION, BUILD_NAMESPACE),
            ({ metadata, status }) =>
              status?.phase === "Ready" && status.observedGeneration === metadata.generation,
          ).catch((error: unknown) => {
            throw new Error(`${(error as Error).message}\n${beside.log()}`);
          });
          assert.ok(metadata.generation !== undefined);
          return served();
        };
        const served = async (): Promise<string> =>
          (await read<Service>("services.serving.knative.dev", FUNCTION, BUILD_NAMESPACE)).spec.template.spec
            .containers[0]?.image ?? "";

        const first = await apply("one");
        const second = await apply("two");
        assert.notEqual(first, second);
        // As the page has it.
        await kubectl([
          ...["annotate", "lambdafunction", FUNCTION, "--namespace", BUILD_NAMESPACE, "--overwrite"],
          `lambda.knative.io/command-function.rollback=${Date.now()}`,
        ]);
        await eventually("the image from before", served, (image) => image === first);
        const third = await apply("three");
        assert.ok(third !== first && third !== second);

        await kubectl(["delete", "lambdafunctions", "--all", "--all-namespaces", "--timeout=180s"]);
      } finally {
        await beside.stop();
        await player.stop();
        await stopServices();
      }
    });

    it("is destroyed in the page's order, and leaves a stack that can be removed", async () => {
      await workspace.pulumiOk("destroy", "--stack", "local", "--yes", "--skip-preview");
      for (const namespace of [SYSTEM_NAMESPACE, BUILD_NAMESPACE])
        await eventually(
          `namespace ${namespace} gone`,
          () => exists("namespace", namespace),
          (there) => !there,
        );
      assert.equal(await exists("crd", CRD), false);
      await workspace.pulumiOk("stack", "rm", "local", "--yes", "--preserve-config");
    });
  },
);
