import assert from "node:assert/strict";
import { parse } from "yaml";
import { kueueConfiguration } from "../../components/kueueConfiguration";

const configured = (usageHalfLife = "10m") =>
  parse(kueueConfiguration({ usageHalfLife })) as Record<string, unknown>;

describe("kueueConfiguration", () => {
  it("manages Jobs, in the build namespace, and nothing else", () => {
    const configuration = configured();
    assert.equal(configuration["apiVersion"], "config.kueue.x-k8s.io/v1beta2");
    assert.deepEqual(configuration["integrations"], { frameworks: ["batch/job"] });
    assert.deepEqual(configuration["managedJobsNamespaceSelector"], {
      matchLabels: { "kubernetes.io/metadata.name": "knative-lambda" },
    });
    assert.equal(configuration["manageJobsWithoutQueueName"], false);
  });

  it("doesn't wait for a build's pod to be ready, which it never is while it builds", () => {
    assert.equal("waitForPodsReady" in configured(), false);
  });

  it("says whose turn it is by the CPU that a namespace used", () => {
    assert.deepEqual(configured()["admissionFairSharing"], {
      usageHalfLifeTime: "10m",
      usageSamplingInterval: "30s",
      resourceWeights: { cpu: 1, memory: 0, "ephemeral-storage": 0, pods: 0 },
    });
  });

  for (const [halfLife, sampling] of [
    ["1h", "30s"],
    ["2m", "30s"],
    ["1m", "15s"],
    ["1s", "1s"],
  ] as const) {
    it(`samples every ${sampling} for a half-life of ${halfLife}`, () => {
      const { usageHalfLifeTime, usageSamplingInterval } = configured(halfLife)[
        "admissionFairSharing"
      ] as Record<string, string>;
      assert.deepEqual([usageHalfLifeTime, usageSamplingInterval], [halfLife, sampling]);
    });
  }

  it("reports quotas and their use", () => {
    assert.deepEqual(configured()["metrics"], { bindAddress: ":8443", enableClusterQueueResources: true });
  });
});
