import assert from "node:assert/strict";
import { ClusterAddons, type ClusterAddonsArgs } from "../../components/clusterAddons";
import { record, valueOf } from "../support/record";

const everything: ClusterAddonsArgs = { metricsServer: true, autoMode: true };
const recorded = (changes: Partial<ClusterAddonsArgs> = {}) =>
  record(() => new ClusterAddons("addons", { ...everything, ...changes }));

const PRIORITIES = [
  "kubernetes:scheduling.k8s.io/v1:PriorityClass addons-build-priority",
  "kubernetes:scheduling.k8s.io/v1:PriorityClass addons-builder-priority",
  "knative-lambda:kubernetes:ClusterAddons addons",
];

describe("ClusterAddons", () => {
  it("makes exactly what EKS Auto Mode leaves out", async () => {
    assert.deepEqual(
      (await recorded()).list().split("\n"),
      [
        ...PRIORITIES,
        "kubernetes:core/v1:ConfigMap addons-network-policy",
        "kubernetes:helm.sh/v3:Release addons-metrics-server",
        "kubernetes:storage.k8s.io/v1:StorageClass addons-gp3",
      ].sort(),
    );
  });

  it("leaves a cluster that exists its own storage, network and metrics", async () => {
    assert.deepEqual(
      (await recorded({ autoMode: false, metricsServer: false })).list().split("\n"),
      [...PRIORITIES].sort(),
    );
  });

  it("installs metrics-server by itself, at one version and with a replica to spare", async () => {
    const { inputs } = (await recorded({ autoMode: false })).one("kubernetes:helm.sh/v3:Release");
    assert.equal(inputs["name"], "metrics-server");
    assert.equal(inputs["namespace"], "kube-system");
    assert.equal(inputs["version"], "3.14.0");
    assert.deepEqual(inputs["repositoryOpts"], {
      repo: "https://kubernetes-sigs.github.io/metrics-server/",
    });
    const values = inputs["values"] as Record<string, unknown>;
    assert.equal(values["replicas"], 2);
    assert.deepEqual(values["podDisruptionBudget"], { enabled: true, maxUnavailable: 1 });
    assert.equal("args" in values, false, "kubelets of EKS have certificates that can be verified");
  });

  it("has NetworkPolicies enforced", async () => {
    const { inputs } = (await recorded()).one("kubernetes:core/v1:ConfigMap");
    const { name, namespace } = inputs["metadata"] as Record<string, unknown>;
    assert.deepEqual([namespace, name], ["kube-system", "amazon-vpc-cni"]);
    assert.deepEqual(inputs["data"], { "enable-network-policy-controller": "true" });
  });

  it("makes an encrypted gp3 class the default one, and names it", async () => {
    let addons: ClusterAddons | undefined;
    const { inputs } = (await record(() => (addons = new ClusterAddons("addons", everything)))).one(
      "kubernetes:storage.k8s.io/v1:StorageClass",
    );
    const { name, annotations } = inputs["metadata"] as Record<string, unknown>;
    assert.deepEqual(annotations, { "storageclass.kubernetes.io/is-default-class": "true" });
    assert.equal(inputs["provisioner"], "ebs.csi.eks.amazonaws.com");
    assert.deepEqual(inputs["parameters"], { type: "gp3", encrypted: "true" });
    assert.equal(inputs["volumeBindingMode"], "WaitForFirstConsumer");
    assert.equal(name, "gp3");
    assert.ok(addons?.storageClassName);
    assert.equal(await valueOf(addons.storageClassName), "gp3");
  });

  it("names no StorageClass where it made none", async () => {
    let addons: ClusterAddons | undefined;
    await record(() => (addons = new ClusterAddons("addons", { ...everything, autoMode: false })));
    assert.equal(addons?.storageClassName, undefined);
  });

  it("puts the builder before pods without a class and builds behind them", async () => {
    const all = await recorded();
    const builder = all.one(
      "kubernetes:scheduling.k8s.io/v1:PriorityClass",
      "addons-builder-priority",
    ).inputs;
    const build = all.one("kubernetes:scheduling.k8s.io/v1:PriorityClass", "addons-build-priority").inputs;
    assert.equal((builder["metadata"] as { name: string }).name, "knative-lambda-builder");
    assert.equal((build["metadata"] as { name: string }).name, "knative-lambda-build");
    assert.ok(Number(builder["value"]) > 0 && Number(build["value"]) < 0);
    assert.equal(build["preemptionPolicy"], "Never");
    for (const { globalDefault } of [builder, build]) assert.equal(globalDefault, undefined);
  });
});
