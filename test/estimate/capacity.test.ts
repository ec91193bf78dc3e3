import assert from "node:assert/strict";
import type { BoundId } from "../../estimate/bounds";
import { capacity, type Capacity } from "../../estimate/capacity";
import { CLUSTER_VALUES, settingsOf } from "../support/settings";

/** An account whose quotas are no bound. */
const RAISED = { spotVcpus: 4000, onDemandVcpus: 4000, ecrPutImagePerSecond: 1000 };
const of = (values: Record<string, unknown> = {}): Capacity =>
  capacity(settingsOf({ quotas: RAISED, ...values }));
const bound = ({ bounds }: Capacity, id: BoundId) => bounds.find((candidate) => candidate.id === id);

describe("capacity", () => {
  it("is SRE-002's 100 builds where pool and quotas hold them", () => {
    const found = of({ buildNodes: { limits: { cpu: "136", memory: "480Gi" } } });
    assert.equal(found.atOnce, 100);
    assert.deepEqual(found.boundBy, ["job-limit"]);
    assert.equal(found.perHour, 8000);
    assert.deepEqual(found.warnings, []);
    assert.ok(found.notes.includes("100 builds at 1 CPU and 2Gi need 100 CPU and 200Gi."));
  });

  it("stops at the build nodes' limits, and says what to raise to what", () => {
    const found = of({ buildNodes: { limits: { cpu: "128", memory: "256Gi" } } });
    assert.equal(found.atOnce, 96);
    assert.deepEqual(found.boundBy, ["node-pool"]);
    assert.equal(bound(found, "node-pool")?.how, "16 c nodes of 8 vCPU and 16 GiB with 6 builds each");
    assert.deepEqual(found.warnings, [
      "kanikoJobLimit 100 can't be counted on: the build nodes' limits hold 96. 100 builds at 1 CPU and 2Gi need 100 CPU and 200Gi, so 136 vCPU and 272 GiB of c nodes (8 vCPU each). Raise buildNodes.limits.cpu from 128 to 136 and buildNodes.limits.memory from 256Gi to 272Gi.",
    ]);
  });

  it("warns of a category on which the memory limit is met sooner", () => {
    const { atOnce, warnings } = of({ buildNodes: { limits: { cpu: "136", memory: "272Gi" } } });
    assert.equal(atOnce, 100);
    assert.deepEqual(warnings, [
      "On m nodes alone the build nodes' limits hold 59 builds, not 100: those take 116 vCPU and 464 GiB of m nodes (8 vCPU each). Raise buildNodes.limits.memory from 272Gi to 464Gi, or leave m out of buildNodes.instanceCategories.",
    ]);
  });

  it("meets the quotas of a new account first", () => {
    const found = capacity(settingsOf());
    assert.equal(found.atOnce, 3);
    assert.deepEqual(found.boundBy, ["vcpu-quota"]);
    assert.equal(bound(found, "vcpu-quota")?.how, "5 vCPU: m nodes below 8 vCPU");
    assert.match(
      found.warnings[0] ?? "",
      /Have AWS raise quota L-34B43A08 to 116, then set quotas\.spotVcpus\.$/,
    );
    assert.match(
      found.warnings.at(-1) ?? "",
      /^EC2's on-demand vCPU quota of 5 is below what the base nodes take: 12 vCPU in 3 nodes\. Have AWS raise quota L-1216C47A to 12 or more/,
    );
  });

  it("leaves the base nodes their share of the on-demand quota", () => {
    const found = of({
      buildNodes: { capacityType: "on-demand", limits: { cpu: "136", memory: "480Gi" } },
      quotas: { ...RAISED, onDemandVcpus: 28 },
    });
    // 28 - 12 = 16 vCPU: two m nodes of 7 builds.
    assert.equal(found.atOnce, 14);
    assert.match(bound(found, "vcpu-quota")?.how ?? "", /^28 vCPU less 12 of the base nodes: 2 m nodes/);
    assert.match(found.warnings[0] ?? "", /beside the 12 of the base nodes.*raise quota L-1216C47A to 128/);
  });

  it("bounds cold builds by the hour at ECR's PutImage quota, not those that run at once", () => {
    const found = of({
      buildNodes: { limits: { cpu: "136", memory: "480Gi" } },
      quotas: { ...RAISED, ecrPutImagePerSecond: 10 },
    });
    assert.equal(found.atOnce, 100);
    assert.equal(found.perHour, 6000);
    assert.deepEqual(found.perHourBoundBy, ["put-image"]);
    assert.equal(bound(found, "put-image")?.atOnce, 75);
    assert.deepEqual(found.warnings, [
      "ECR's PutImage quota lets 6000 cold builds through in an hour, the slots 8000. Have AWS raise quota L-AD52DFB2 to 14 a second, then set quotas.ecrPutImagePerSecond.",
    ]);
  });

  it("counts a build's images by what the cache takes in", () => {
    const puts = (kaniko: Record<string, unknown>) =>
      bound(of({ builderService: { kaniko } }), "put-image")?.perHour;
    assert.equal(puts({}), (1000 / 6) * 3600);
    assert.equal(puts({ cacheCopyLayers: false }), (1000 / 3) * 3600);
    assert.equal(puts({ cache: false }), 1000 * 3600);
  });

  it("drains 100 and 300 builds in waves of slots, or as fast as ECR takes images", () => {
    const pool = { buildNodes: { limits: { cpu: "136", memory: "480Gi" } } };
    assert.deepEqual(
      of(pool).drains.map(({ builds, minutes, minutesFromCold, boundBy }) => [
        builds,
        minutes,
        minutesFromCold,
        boundBy,
      ]),
      [
        [100, 0.8, 1.9, "slots"],
        [300, 2.3, 3.4, "slots"],
      ],
    );
    const [first] = of({ ...pool, quotas: { ...RAISED, ecrPutImagePerSecond: 10 } }).drains;
    assert.deepEqual([first?.minutes, first?.boundBy], [1, "put-image"]);
    assert.deepEqual(first?.goal, { minutes: 3, source: "SRE-002" });
  });

  it("never drains where no node holds a build, and says what to lower", () => {
    const found = of({
      builderService: {
        kaniko: { resources: { requests: { memory: "900Gi" }, limits: { memory: "900Gi" } } },
      },
    });
    assert.equal(found.atOnce, 0);
    assert.deepEqual(
      found.drains.map(({ minutes }) => minutes),
      [undefined, undefined],
    );
    assert.match(found.warnings[0] ?? "", /^No node of the categories c, m holds one build of 1 CPU, 900Gi/);
  });

  it("says when disk, not cores, sets the builds on a node", () => {
    const { warnings } = of({ buildNodes: { disk: "50Gi", limits: { cpu: "400", memory: "1600Gi" } } });
    assert.deepEqual(warnings, [
      "buildNodes.disk 50Gi holds 4 builds on a node that has the cores and memory for 6. Raise it to 68Gi.",
    ]);
  });

  it("leaves open what a cluster of somebody else's can hold", () => {
    const found = capacity(settingsOf(CLUSTER_VALUES));
    assert.equal(found.atOnce, 100);
    assert.equal(bound(found, "cluster-nodes")?.atOnce, undefined);
    assert.equal(bound(found, "put-image")?.perHour, undefined);
    assert.equal(bound(found, "node-pool"), undefined);
    assert.equal(bound(found, "vcpu-quota"), undefined);
    assert.deepEqual(found.warnings, []);
    assert.equal(found.drains[0]?.minutesFromCold, undefined);
    assert.match(found.notes.at(-1) ?? "", /nodes of the cluster .* are not known/);
  });
});
