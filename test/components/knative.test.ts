import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Knative, type KnativeArgs } from "../../components/knative";
import { record, valueOf } from "../support/record";

const args: KnativeArgs = {
  install: true,
  version: "1.23",
  replicas: 2,
  domain: "functions.example.com",
  loadBalancer: "internal",
  scaleToZeroGracePeriod: "30s",
  scaleToZeroRetention: "0s",
  targetBurstCapacity: 211,
  autoMode: true,
  monitoring: { release: "metrics" },
};
const recorded = (changes: Partial<KnativeArgs> = {}) =>
  record(() => new Knative("knative", { ...args, ...changes }));
const NAMESPACE = "kubernetes:core/v1:Namespace";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const SERVING = "kubernetes:operator.knative.dev/v1beta1:KnativeServing";
const MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";
const SERVICE = "kubernetes:core/v1:Service";
const labelsOf = (inputs: Record<string, unknown>) =>
  (inputs["metadata"] as { labels: Record<string, string> }).labels;

describe("Knative", () => {
  it("makes exactly the operator, Serving, its monitors and the way in", async () => {
    assert.deepEqual(
      (await recorded()).list().split("\n"),
      [
        "knative-lambda:kubernetes:Knative knative",
        `${NAMESPACE} knative-namespace`,
        `${NAMESPACE} knative-operator-namespace`,
        `${SERVICE} knative-load-balancer`,
        `${RELEASE} knative-operator`,
        `${MONITOR} knative-functions-monitor`,
        `${MONITOR} knative-gateway-monitor`,
        `${MONITOR} knative-serving-monitor`,
        `${SERVING} knative-serving`,
      ].sort(),
    );
  });

  it("makes nothing on a cluster that has Serving", async () => {
    let knative: Knative | undefined;
    const all = await record(() => (knative = new Knative("knative", { ...args, install: false })));
    assert.equal(all.list(), "knative-lambda:kubernetes:Knative knative");
    assert.deepEqual(knative?.ready, []);
    assert.equal(await valueOf(knative.loadBalancerAddress), undefined);
  });

  it("installs the operator by a chart of one version, under restricted Pod Security", async () => {
    const all = await recorded();
    const { inputs } = all.one(RELEASE);
    assert.equal(inputs["name"], "knative-operator");
    assert.equal(inputs["namespace"], "knative-operator");
    assert.equal(inputs["version"], "1.23.0");
    assert.deepEqual(inputs["repositoryOpts"], { repo: "https://knative.github.io/operator" });
    for (const { inputs: namespace } of all.all(NAMESPACE))
      assert.equal(labelsOf(namespace)["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("makes Serving after the operator and waits until it is Ready", async () => {
    const all = await recorded();
    const { inputs, dependencies } = all.one(SERVING);
    assert.deepEqual(
      dependencies.toSorted(),
      [all.one(RELEASE).urn, all.one(NAMESPACE, "knative-namespace").urn].toSorted(),
    );
    const { name, namespace, annotations } = inputs["metadata"] as Record<string, unknown>;
    assert.deepEqual([namespace, name], ["knative-serving", "knative-serving"]);
    assert.deepEqual(annotations, { "pulumi.com/waitFor": "condition=Ready" });
  });

  it("leaves the operator the label that it writes onto Serving's namespace", async () => {
    const { inputs } = (await recorded()).one(NAMESPACE, "knative-namespace");
    assert.equal("app.kubernetes.io/name" in labelsOf(inputs), false);
    assert.equal(labelsOf(inputs)["app.kubernetes.io/part-of"], "knative-lambda");
  });

  it("refuses a release that the operator would silently not install", async () => {
    await assert.rejects(
      recorded({ version: "1.24" }),
      /Knative 1\.24 is none that operator 1\.23\.0 can install/,
    );
  });

  it("removes all that lies in Serving's namespace before Serving, whose operator removes the namespace", async () => {
    const all = await recorded();
    const serving = all.one(SERVING).urn;
    for (const { dependencies, name } of [...all.all(MONITOR), ...all.all(SERVICE)])
      assert.ok(dependencies.includes(serving), name);
  });

  it("makes monitors with the release label, once there is a Prometheus operator", async () => {
    const all = await record(() => {
      const stack = new k8s.helm.v3.Release("stack", { chart: "kube-prometheus-stack", name: "metrics" });
      return new Knative("knative", { ...args, monitoring: { release: "metrics", ready: [stack] } });
    });
    const stack = all.one(RELEASE, "stack").urn;
    assert.equal(all.all(MONITOR).length, 3);
    for (const { inputs, dependencies } of all.all(MONITOR)) {
      assert.equal(labelsOf(inputs)["release"], "metrics");
      assert.ok(dependencies.includes(stack));
    }
    assert.deepEqual((await recorded({ monitoring: undefined })).all(MONITOR), []);
  });

  it("has a load balancer only where there is a domain to reach functions by, and one is wanted", async () => {
    assert.deepEqual((await recorded({ loadBalancer: "none" })).all(SERVICE), []);
    assert.deepEqual((await recorded({ domain: undefined })).all(SERVICE), []);
    assert.equal((await recorded()).all(SERVICE).length, 1);
  });

  it("answers no address of a load balancer that isn't there", async () => {
    let knative: Knative | undefined;
    await record(() => (knative = new Knative("knative", { ...args, loadBalancer: "none" })));
    assert.ok(knative);
    assert.equal(await valueOf(knative.loadBalancerAddress), undefined);
  });

  for (const [kind, ingress, address] of [
    ["a name", { hostname: "nlb.example.com" }, "nlb.example.com"],
    ["an address", { ip: "192.0.2.1" }, "192.0.2.1"],
  ] as const) {
    it(`answers the load balancer's address where that is ${kind}`, async () => {
      let knative: Knative | undefined;
      await record(() => (knative = new Knative("knative", args)), {
        outputsOf: ({ type }) =>
          type === SERVICE ? { status: { loadBalancer: { ingress: [ingress] } } } : {},
      });
      assert.ok(knative);
      assert.equal(await valueOf(knative.loadBalancerAddress), address);
    });
  }

  it("tells Serving that URLs are https exactly where the load balancer has a certificate", async () => {
    const network = async (certificateArn?: string) =>
      (
        (await recorded({ certificateArn })).one(SERVING).inputs["spec"] as {
          config: { network: Record<string, string> };
        }
      ).config.network["default-external-scheme"];
    assert.equal(await network("arn:aws:acm:us-west-2:123456789012:certificate/1"), "https");
    assert.equal(await network(), undefined);
  });
});
