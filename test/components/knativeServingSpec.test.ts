import assert from "node:assert/strict";
import {
  knativeServingSpec,
  type KnativeServingSpecArgs,
  servingRelease,
} from "../../components/knativeServingSpec";
import { KNATIVE_NEEDS } from "../../settings/kubernetesVersion";

const spec = (changes: Partial<KnativeServingSpecArgs> = {}) =>
  knativeServingSpec({
    release: "1.23.0",
    replicas: 2,
    domain: "functions.example.com",
    tls: false,
    nodesScale: false,
    scaleToZeroGracePeriod: "30s",
    scaleToZeroRetention: "0s",
    targetBurstCapacity: 211,
    ...changes,
  });

describe("knativeServingSpec", () => {
  it("pins a whole release for every version that the settings take, and no other", () => {
    for (const version of Object.keys(KNATIVE_NEEDS))
      assert.match(servingRelease(version) ?? "", new RegExp(`^${version.replace(".", "\\.")}\\.\\d+$`));
    assert.equal(servingRelease("1.24"), undefined);
    assert.equal(spec({ release: "1.22.1" }).version, "1.22.1");
  });

  it("has Kourier as the ingress, whose own Service lets nobody in", () => {
    assert.deepEqual(spec().ingress, { kourier: { enabled: true, "service-type": "ClusterIP" } });
    assert.equal(spec().config.network["ingress-class"], "kourier.ingress.networking.knative.dev");
  });

  it("runs in replicas and lets a node be drained", () => {
    assert.deepEqual(spec({ replicas: 3 })["high-availability"], { replicas: 3 });
    assert.deepEqual(spec().podDisruptionBudgets, [
      { name: "activator-pdb", maxUnavailable: 1 },
      { name: "webhook-pdb", maxUnavailable: 1 },
      { name: "3scale-kourier-gateway-pdb", maxUnavailable: 1 },
    ]);
    assert.equal(JSON.stringify(spec()).includes("minAvailable"), false);
  });

  it("spreads what every request goes through over zones, and sets no replicas under their HPAs", () => {
    const { workloads } = spec();
    assert.deepEqual(
      workloads.map(({ name }) => name),
      ["activator", "3scale-kourier-gateway"],
    );
    for (const workload of workloads) {
      assert.equal("replicas" in workload, false);
      assert.deepEqual(
        workload.topologySpreadConstraints.map(({ topologyKey, labelSelector }) => [
          topologyKey,
          labelSelector.matchLabels.app,
        ]),
        [["topology.kubernetes.io/zone", workload.name]],
      );
    }
  });

  it("serves the domain alone, and without one nothing outside the cluster", () => {
    assert.deepEqual(spec().config.domain, { "functions.example.com": "" });
    assert.deepEqual(spec({ domain: undefined }).config.domain, { "svc.cluster.local": "" });
  });

  it("scales to zero as the settings say", () => {
    assert.deepEqual(
      spec({ scaleToZeroGracePeriod: "45s", scaleToZeroRetention: "5m", targetBurstCapacity: -1 }).config
        .autoscaler,
      {
        "scale-to-zero-grace-period": "45s",
        "scale-to-zero-pod-retention-period": "5m",
        "target-burst-capacity": "-1",
      },
    );
  });

  it("gives a queue-proxy memory of its own and no CPU limit that would slow a cold start", () => {
    const { deployment } = spec().config;
    assert.equal(deployment["queue-sidecar-memory-request"], "64Mi");
    assert.equal("queue-sidecar-cpu-limit" in deployment, false);
  });

  it("waits for nodes only where nodes come", () => {
    assert.equal(spec({ nodesScale: true }).config.deployment["pod-is-always-schedulable"], "true");
    assert.equal("pod-is-always-schedulable" in spec().config.deployment, false);
  });

  it("opens the two features that functions need", () => {
    assert.deepEqual(spec().config.features, {
      "kubernetes.podspec-nodeselector": "enabled",
      "kubernetes.podspec-tolerations": "enabled",
    });
  });

  it("turns metrics on, which are off by default", () => {
    assert.deepEqual(spec().config.observability, {
      "metrics-protocol": "prometheus",
      "request-metrics-protocol": "prometheus",
    });
  });

  it("gives ConfigMaps text and nothing else", () => {
    for (const map of Object.values(spec({ tls: true, nodesScale: true }).config))
      for (const [key, value] of Object.entries(map)) assert.equal(typeof value, "string", key);
  });
});
