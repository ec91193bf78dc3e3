import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { BUILD_PLACEMENT } from "../../components/buildNodes";
import { BuildQueue, type BuildQueueArgs } from "../../components/buildQueue";
import { record } from "../support/record";

const args: BuildQueueArgs = {
  install: true,
  usageHalfLife: "10m",
  quota: { pods: 100, cpu: "100", memory: "200Gi", ephemeralStorage: "1000Gi" },
  placement: BUILD_PLACEMENT,
};
const recorded = (changes: Partial<BuildQueueArgs> = {}) =>
  record(() => new BuildQueue("queue", { ...args, ...changes }));
const RELEASE = "kubernetes:helm.sh/v3:Release";
const FLAVOR = "kubernetes:kueue.x-k8s.io/v1beta2:ResourceFlavor";
const QUEUE = "kubernetes:kueue.x-k8s.io/v1beta2:ClusterQueue";
const MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor";

describe("BuildQueue", () => {
  it("installs Kueue and makes the queue after it", async () => {
    const all = await recorded();
    assert.deepEqual(all.list().split("\n"), [
      "knative-lambda:kubernetes:BuildQueue queue",
      "kubernetes:core/v1:Namespace queue-namespace",
      `${RELEASE} queue-kueue`,
      `${QUEUE} queue-queue`,
      `${FLAVOR} queue-flavor`,
    ]);
    const release = all.one(RELEASE).urn;
    assert.deepEqual(all.one(FLAVOR).dependencies, [release]);
    assert.deepEqual(all.one(QUEUE).dependencies, [release, all.one(FLAVOR).urn]);
  });

  it("makes only the queue on a cluster that has Kueue, even where there is monitoring", async () => {
    let queue: BuildQueue | undefined;
    const all = await record(
      () =>
        (queue = new BuildQueue("queue", {
          ...args,
          install: false,
          monitoring: { release: "metrics" },
        })),
    );
    assert.deepEqual(all.list().split("\n"), [
      "knative-lambda:kubernetes:BuildQueue queue",
      `${QUEUE} queue-queue`,
      `${FLAVOR} queue-flavor`,
    ]);
    assert.deepEqual(all.one(FLAVOR).dependencies, []);
    assert.equal(queue?.ready.length, 1);
  });

  it("names the queue and all that it needs to stand", async () => {
    let queue: BuildQueue | undefined;
    await record(() => (queue = new BuildQueue("queue", args)));
    assert.equal(queue?.clusterQueue, "kaniko-builds");
    assert.equal(queue.ready.length, 2);
  });

  it("installs Kueue under its own name, at one version, with a webhook to spare", async () => {
    const { inputs } = (await recorded()).one(RELEASE);
    assert.equal(inputs["name"], "kueue");
    assert.equal(inputs["namespace"], "kueue-system");
    assert.equal(inputs["chart"], "oci://registry.k8s.io/kueue/charts/kueue");
    assert.equal(inputs["version"], "0.20.0");
    assert.equal("repositoryOpts" in inputs, false, "an OCI chart's name is its address");
    const { controllerManager, ...values } = inputs["values"] as Record<string, unknown>;
    assert.deepEqual(controllerManager, {
      replicas: 2,
      podDisruptionBudget: { enabled: true, minAvailable: 1 },
    });
    assert.deepEqual(Object.keys(values), ["managerConfig"]);
  });

  it("restricts what may run beside Kueue", async () => {
    const { labels } = (await recorded()).one("kubernetes:core/v1:Namespace").inputs["metadata"] as {
      labels: Record<string, string>;
    };
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("has kanikoJobLimit as the quota on pods, and a quota for everything that a build requests", async () => {
    const { resourceGroups } = (await recorded()).one(QUEUE).inputs["spec"] as Record<string, unknown>;
    assert.deepEqual(resourceGroups, [
      {
        coveredResources: ["pods", "cpu", "memory", "ephemeral-storage"],
        flavors: [
          {
            name: "kaniko-builds",
            resources: [
              { name: "pods", nominalQuota: "100" },
              { name: "cpu", nominalQuota: "100" },
              { name: "memory", nominalQuota: "200Gi" },
              { name: "ephemeral-storage", nominalQuota: "1000Gi" },
            ],
          },
        ],
      },
    ]);
  });

  it("admits Jobs of the build namespace alone, fairly, and stops none that runs", async () => {
    const { resourceGroups, ...spec } = (await recorded()).one(QUEUE).inputs["spec"] as Record<
      string,
      unknown
    >;
    assert.ok(resourceGroups);
    assert.deepEqual(spec, {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "knative-lambda" } },
      admissionScope: { admissionMode: "UsageBasedAdmissionFairSharing" },
      queueingStrategy: "BestEffortFIFO",
      preemption: { withinClusterQueue: "Never", reclaimWithinCohort: "Never" },
    });
  });

  it("sends builds to nodes of their own where there are any, and anywhere else", async () => {
    const flavor = async (changes: Partial<BuildQueueArgs>) =>
      (await recorded(changes)).one(FLAVOR).inputs["spec"];
    assert.deepEqual(await flavor({}), {
      nodeLabels: { "knative-lambda.io/builds": "true" },
      tolerations: [
        { key: "knative-lambda.io/builds", operator: "Equal", value: "true", effect: "NoSchedule" },
      ],
    });
    assert.deepEqual(await flavor({ placement: undefined }), {});
  });

  it("has Kueue scraped under the release label, once there are monitors", async () => {
    const all = await record(() => {
      const stack = new k8s.helm.v3.Release("stack", { chart: "kube-prometheus-stack", name: "metrics" });
      return new BuildQueue("queue", { ...args, monitoring: { release: "metrics", ready: [stack] } });
    });
    const { inputs, dependencies } = all.one(MONITOR);
    const { labels, namespace } = inputs["metadata"] as {
      labels: Record<string, string>;
      namespace: string;
    };
    assert.equal(labels["release"], "metrics");
    assert.equal(namespace, "kueue-system");
    assert.deepEqual(dependencies, [all.one(RELEASE, "queue-kueue").urn, all.one(RELEASE, "stack").urn]);
    assert.deepEqual((inputs["spec"] as { selector: unknown }).selector, {
      matchLabels: {
        "app.kubernetes.io/name": "kueue",
        "app.kubernetes.io/instance": "kueue",
        "app.kubernetes.io/component": "metrics-service",
      },
    });
    assert.deepEqual((await recorded()).all(MONITOR), []);
  });
});
