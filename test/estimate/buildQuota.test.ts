import assert from "node:assert/strict";
import fc from "fast-check";
import { buildQuota } from "../../estimate/buildQuota";
import { amount } from "../../settings/scalars";

const requests = { cpu: "1", memory: "2Gi", "ephemeral-storage": "10Gi" };

describe("buildQuota", () => {
  it("is SRE-002's hundred builds where no pool bounds them", () => {
    assert.deepEqual(buildQuota({ kanikoJobLimit: 100, requests }), {
      pods: 100,
      cpu: "100",
      memory: "200Gi",
      ephemeralStorage: "1000Gi",
    });
  });

  it("stops cpu and memory, each by itself, at what the pool may hold", () => {
    const quota = (cpu: string, memory: string) =>
      buildQuota({ kanikoJobLimit: 100, requests, poolLimits: { cpu, memory } });
    assert.deepEqual(quota("64", "256Gi"), {
      pods: 100,
      cpu: "64",
      memory: "200Gi",
      ephemeralStorage: "1000Gi",
    });
    assert.deepEqual(quota("128", "100Gi"), {
      pods: 100,
      cpu: "100",
      memory: "100Gi",
      ephemeralStorage: "1000Gi",
    });
  });

  it("does not grow to a pool that could hold more", () => {
    assert.deepEqual(
      buildQuota({ kanikoJobLimit: 10, requests, poolLimits: { cpu: "128", memory: "256Gi" } }),
      buildQuota({ kanikoJobLimit: 10, requests }),
    );
  });

  it("answers quantities in the API server's form", () => {
    const quota = buildQuota({
      kanikoJobLimit: 10,
      requests: { cpu: "500m", memory: "512Mi", "ephemeral-storage": "1536Mi" },
    });
    assert.deepEqual(quota, { pods: 10, cpu: "5", memory: "5Gi", ephemeralStorage: "15Gi" });
  });

  it("never holds more than the limit's builds, nor more than the pool", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 64_000 }),
        fc.integer({ min: 1, max: 512 }),
        fc.integer({ min: 1, max: 1000 }),
        (kanikoJobLimit, millicores, gibibytes, poolCpu) => {
          const quota = buildQuota({
            kanikoJobLimit,
            requests: { cpu: `${millicores}m`, memory: `${gibibytes}Gi`, "ephemeral-storage": "10Gi" },
            poolLimits: { cpu: String(poolCpu), memory: "256Gi" },
          });
          assert.equal(amount(quota.cpu), Math.min((kanikoJobLimit * millicores) / 1000, poolCpu));
          assert.equal(amount(quota.memory), Math.min(kanikoJobLimit * gibibytes, 256) * 1024 ** 3);
        },
      ),
    );
  });
});
