import * as k8s from "@pulumi/kubernetes";
import assert from "node:assert/strict";
import { PerformanceDashboard, type PerformanceDashboardArgs } from "../../components/performanceDashboard";
import { record } from "../support/record";

const args: PerformanceDashboardArgs = {
  namespace: "monitoring",
  release: "kube-prometheus-stack",
  kanikoJobLimit: 100,
  kaniko: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "4Gi" } },
  targetCPU: 70,
};
const recorded = (changes: Partial<PerformanceDashboardArgs> = {}) =>
  record(() => new PerformanceDashboard("dashboard", { ...args, ...changes }));

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const RULE = "kubernetes:monitoring.coreos.com/v1:PrometheusRule";

interface Inputs {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  data: Record<string, string>;
  spec: { groups: { name: string; rules: Record<string, unknown>[] }[] };
}

describe("PerformanceDashboard", () => {
  it("makes exactly the dashboard's ConfigMap and the two objects of rules", async () => {
    assert.deepEqual((await recorded()).list().split("\n"), [
      "knative-lambda:kubernetes:PerformanceDashboard dashboard",
      `${CONFIG_MAP} dashboard-dashboard`,
      `${RULE} dashboard-alerts`,
      `${RULE} dashboard-recording-rules`,
    ]);
  });

  it("gives the sidecar one JSON file with the fixed uid, under its label and below a ConfigMap's limit", async () => {
    const { metadata, data } = (await recorded()).one(CONFIG_MAP).inputs as unknown as Inputs;
    assert.equal(metadata.name, "knative-lambda-performance");
    assert.equal(metadata.namespace, "monitoring");
    assert.equal(metadata.labels["grafana_dashboard"], "1");
    assert.equal(metadata.labels["app.kubernetes.io/name"], "knative-lambda");
    assert.deepEqual(Object.keys(data), ["knative-lambda-performance.json"]);
    const text = data["knative-lambda-performance.json"] ?? "";
    assert.equal((JSON.parse(text) as { uid: string }).uid, "knative-lambda-performance");
    assert.ok(text.length < 512 * 1024);
  });

  it("answers the dashboard's uid", async () => {
    let uid: string | undefined;
    await record(() => {
      uid = new PerformanceDashboard("dashboard", args).uid;
    });
    assert.equal(uid, "knative-lambda-performance");
  });

  it("labels rules with the release, or Prometheus ignores them", async () => {
    for (const { inputs } of (await recorded({ release: "other" })).all(RULE)) {
      const { metadata } = inputs as unknown as Inputs;
      assert.equal(metadata.labels["release"], "other");
      assert.equal(metadata.namespace, "monitoring");
    }
  });

  it("keeps alerts apart from recordings, and group names apart", async () => {
    const { registrations } = await recorded();
    const rules = registrations
      .filter(({ type }) => type === RULE)
      .map(({ inputs }) => inputs as unknown as Inputs);
    assert.deepEqual(rules.map(({ metadata }) => metadata.name).sort(), [
      "knative-lambda-alerts",
      "knative-lambda-recording-rules",
    ]);
    const groups = rules.flatMap(({ spec }) => spec.groups);
    assert.equal(new Set(groups.map(({ name }) => name)).size, groups.length);
    for (const { metadata, spec } of rules) {
      const key = metadata.name === "knative-lambda-alerts" ? "alert" : "record";
      for (const rule of spec.groups.flatMap((group) => group.rules)) assert.ok(key in rule);
    }
  });

  it("draws a changed limit in the dashboard, and changes nothing else", async () => {
    const inputs = async (changes: Partial<PerformanceDashboardArgs>) =>
      (await recorded(changes)).registrations.map(
        ({ name, inputs: own }) => [name, JSON.stringify(own)] as const,
      );
    const before = new Map(await inputs({}));
    const changedBy = async (changes: Partial<PerformanceDashboardArgs>) =>
      (await inputs(changes)).filter(([name, own]) => before.get(name) !== own).map(([name]) => name);
    for (const changes of [
      { kanikoJobLimit: 50 },
      { targetCPU: undefined },
      { kaniko: { ...args.kaniko, limits: { cpu: "2", memory: "6Gi" } } },
    ])
      assert.deepEqual(await changedBy(changes), ["dashboard-dashboard"]);
  });

  it("makes its objects wait for what it depends on itself", async () => {
    const all = await record(() => {
      const chart = new k8s.core.v1.Namespace("chart", { metadata: { name: "monitoring" } });
      new PerformanceDashboard("dashboard", args, { dependsOn: [chart] });
    });
    const chart = all.one("kubernetes:core/v1:Namespace").urn;
    for (const { name, dependencies } of [...all.all(CONFIG_MAP), ...all.all(RULE)])
      assert.deepEqual(dependencies, [chart], name);
  });
});
