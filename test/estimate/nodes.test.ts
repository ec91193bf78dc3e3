import assert from "node:assert/strict";
import { node, pack, podsOn } from "../../estimate/nodes";

const MIB = 1024 ** 2;
const build = { cpu: "1", memory: "2Gi", "ephemeral-storage": "10Gi" };

describe("a node", () => {
  it("keeps cores, memory and disk for its own system, as Karpenter counts them", () => {
    const { allocatable } = node("c", 8, "200Gi");
    // 8 - (0.06 + 0.01 + 2 × 0.005 + 4 × 0.0025)
    assert.equal(allocatable.cpu.toFixed(3), "7.910");
    // 16 Gi less 7.5 %, less 255 + 11 × 110 + 100 Mi
    assert.equal((allocatable.memory / MIB).toFixed(1), (16384 * 0.925 - 1565).toFixed(1));
    // 200 Gi less 10 %, less 1 Gi
    assert.equal(allocatable.disk / MIB / 1024, 179);
  });

  it("counts 250 pods from 30 vCPU on", () => {
    assert.equal(
      (node("m", 32, "200Gi").allocatable.memory / MIB).toFixed(1),
      (131072 * 0.925 - 3105).toFixed(1),
    );
  });

  it("holds as many builds as its scarcest resource", () => {
    assert.equal(podsOn(node("c", 8, "200Gi"), build), 6);
    assert.equal(podsOn(node("m", 8, "200Gi"), build), 7);
    assert.equal(podsOn(node("m", 8, "50Gi"), build), 4);
    assert.equal(podsOn(node("c", 2, "200Gi"), build), 1);
    assert.equal(podsOn(node("c", 2, "5Gi"), build), 0);
  });
});

describe("a packing", () => {
  it("counts in nodes of 8 vCPU and fills up with smaller ones", () => {
    const packing = pack("c", build, "200Gi");
    assert.equal(packing?.reference.vcpus, 8);
    assert.equal(packing.perNode, 6);
    assert.equal(packing.smallest.vcpus, 2);
    assert.deepEqual([0, 1, 2, 4, 5, 8, 12, 128].map(packing.within), [0, 0, 1, 2, 2, 6, 8, 96]);
  });

  it("takes larger nodes for builds that need them", () => {
    const packing = pack("c", { ...build, cpu: "12", memory: "8Gi" }, "200Gi");
    assert.equal(packing?.reference.vcpus, 16);
    assert.equal(packing.within(15), 0);
    assert.equal(packing.within(16), 1);
  });

  it("answers the fewest vCPUs that hold so many builds", () => {
    const packing = pack("c", build, "200Gi");
    assert.equal(packing?.vcpusFor(96), 128);
    assert.equal(packing.vcpusFor(97), 130);
    assert.equal(packing.vcpusFor(100), 136);
    for (let builds = 1; builds < 200; builds += 1) {
      assert.ok(packing.within(packing.vcpusFor(builds)) >= builds);
      assert.ok(packing.within(packing.vcpusFor(builds) - 2) < builds);
    }
  });

  it("is none where no size holds a build", () => {
    assert.equal(pack("c", { ...build, memory: "300Gi" }, "200Gi"), undefined);
    assert.equal(pack("r", build, "5Gi"), undefined);
  });
});
