import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { Monitoring, type MonitoringArgs } from "../../components/monitoring";
import { record } from "../support/record";

const args: MonitoringArgs = {
  install: true,
  namespace: "monitoring",
  release: "kube-prometheus-stack",
  environment: "prod",
  retention: "360h",
  storage: "50Gi",
  autoMode: true,
};
const recorded = (changes: Partial<MonitoringArgs> = {}) =>
  record(() => new Monitoring("metrics", { ...args, ...changes }));
const RELEASE = "kubernetes:helm.sh/v3:Release";
const NAMESPACE = "kubernetes:core/v1:Namespace";

interface Values {
  prometheus: { prometheusSpec: Record<string, unknown> };
  grafana: Record<string, unknown>;
  "kube-state-metrics": { metricLabelsAllowlist: string[] };
}
const values = async (changes: Partial<MonitoringArgs> = {}) =>
  (await recorded(changes)).one(RELEASE).inputs["values"] as Values & Record<string, unknown>;

describe("Monitoring", () => {
  it("makes exactly a namespace and a release", async () => {
    assert.deepEqual((await recorded()).list().split("\n"), [
      "knative-lambda:kubernetes:Monitoring metrics",
      `${NAMESPACE} metrics-namespace`,
      `${RELEASE} metrics-stack`,
    ]);
  });

  it("makes nothing where the cluster has its own, and still says its release label", async () => {
    let monitoring: Monitoring | undefined;
    const all = await record(
      () => (monitoring = new Monitoring("metrics", { ...args, install: false, release: "theirs" })),
    );
    assert.equal(all.list(), "knative-lambda:kubernetes:Monitoring metrics");
    assert.equal(monitoring?.release, "theirs");
    assert.deepEqual(monitoring.ready, []);
  });

  it("has monitors and rules wait for the release", async () => {
    let monitoring: Monitoring | undefined;
    await record(() => (monitoring = new Monitoring("metrics", args)));
    assert.ok(monitoring?.ready.length === 1 && monitoring.ready[0] instanceof k8s.helm.v3.Release);
  });

  it("names the release as its label, at one version", async () => {
    const { inputs } = (await recorded({ release: "metrics", namespace: "observability" })).one(RELEASE);
    assert.equal(inputs["name"], "metrics");
    assert.equal(inputs["namespace"], "observability");
    assert.equal(inputs["chart"], "kube-prometheus-stack");
    assert.equal(inputs["version"], "88.5.3");
    assert.deepEqual(inputs["repositoryOpts"], {
      repo: "https://prometheus-community.github.io/helm-charts",
    });
  });

  it("lets node-exporter into its namespace", async () => {
    const { labels } = (await recorded()).one(NAMESPACE).inputs["metadata"] as {
      labels: Record<string, string>;
    };
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "privileged");
  });

  it("leaves it to the release label what Prometheus picks up", async () => {
    const { prometheusSpec } = (await values()).prometheus;
    assert.deepEqual(
      Object.keys(prometheusSpec).filter((key) => key.includes("Selector")),
      [],
    );
  });

  it("keeps samples on a volume, for as long as asked and as they fit", async () => {
    const { prometheusSpec } = (
      await values({ retention: "1.5h", storage: "100Gi", storageClassName: "gp3" })
    ).prometheus;
    assert.equal(prometheusSpec["retention"], "1h30m");
    assert.equal(prometheusSpec["retentionSize"], `${80 * 1024}MiB`);
    assert.deepEqual(prometheusSpec["storageSpec"], {
      volumeClaimTemplate: {
        spec: {
          storageClassName: "gp3",
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: "100Gi" } },
        },
      },
    });
  });

  it("takes the cluster's default StorageClass where it is given none", async () => {
    const { storageSpec } = (await values()).prometheus.prometheusSpec;
    assert.deepEqual(storageSpec, {
      volumeClaimTemplate: {
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "50Gi" } } },
      },
    });
  });

  it("names the environment in what it sends on, which the dashboard chooses by", async () => {
    assert.deepEqual((await values()).prometheus.prometheusSpec["externalLabels"], { environment: "prod" });
  });

  it("carries no password, neither Grafana's nor another", async () => {
    const { inputs } = (await recorded()).one(RELEASE);
    assert.doesNotMatch(JSON.stringify(inputs), /password|secret/i);
  });

  it("finds dashboards in every namespace", async () => {
    assert.deepEqual((await values()).grafana["sidecar"], {
      dashboards: { enabled: true, label: "grafana_dashboard", labelValue: "1", searchNamespace: "ALL" },
    });
  });

  it("joins pods and Jobs to their function", async () => {
    assert.deepEqual((await values())["kube-state-metrics"].metricLabelsAllowlist, [
      "pods=[lambda.knative.io/build,lambda.knative.io/function,lambda.knative.io/function-namespace,serving.knative.dev/service,serving.knative.dev/revision]",
      "jobs=[lambda.knative.io/build,lambda.knative.io/function,lambda.knative.io/function-namespace]",
    ]);
  });

  it("scrapes no control plane that EKS keeps to itself, and any other", async () => {
    const hidden = ["kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy", "coreDns"];
    const onAutoMode = await values();
    for (const part of hidden) assert.deepEqual(onAutoMode[part], { enabled: false }, part);
    const elsewhere = await values({ autoMode: false });
    for (const part of hidden) assert.equal(part in elsewhere, false, part);
  });
});
