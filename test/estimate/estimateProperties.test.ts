import assert from "node:assert/strict";
import fc from "fast-check";
import { capacity } from "../../estimate/capacity";
import { monthlyCost } from "../../estimate/cost";
import { pack } from "../../estimate/nodes";
import { parseSettings, type Settings } from "../../settings";

/** What the properties vary, as plain numbers. */
interface Knobs {
  jobLimit: number;
  milliCpu: number;
  mebibytes: number;
  diskGi: number;
  poolCpu: number;
  poolGi: number;
  nodeDiskGi: number;
  spotVcpus: number;
  puts: number;
  buildsPerDay: number;
  buildSeconds: number;
  functionPods: number;
  consolidateMinutes: number;
  capacityType: "spot" | "on-demand";
}

const knobs: fc.Arbitrary<Knobs> = fc.record({
  jobLimit: fc.integer({ min: 1, max: 400 }),
  milliCpu: fc.integer({ min: 50, max: 9000 }),
  mebibytes: fc.integer({ min: 128, max: 24_000 }),
  diskGi: fc.integer({ min: 1, max: 60 }),
  poolCpu: fc.integer({ min: 1, max: 600 }),
  poolGi: fc.integer({ min: 1, max: 2000 }),
  nodeDiskGi: fc.integer({ min: 1, max: 500 }),
  spotVcpus: fc.integer({ min: 0, max: 600 }),
  puts: fc.integer({ min: 1, max: 100 }),
  buildsPerDay: fc.integer({ min: 0, max: 5000 }),
  buildSeconds: fc.integer({ min: 1, max: 600 }),
  functionPods: fc.integer({ min: 0, max: 100 }),
  consolidateMinutes: fc.integer({ min: 1, max: 60 }),
  capacityType: fc.constantFrom("spot", "on-demand"),
});

function settingsOf(knob: Knobs): Settings {
  const resources = {
    cpu: `${knob.milliCpu}m`,
    memory: `${knob.mebibytes}Mi`,
    "ephemeral-storage": `${knob.diskGi}Gi`,
  };
  return parseSettings({
    stack: "test",
    region: "us-east-1",
    values: {
      builderService: {
        kanikoJobLimit: knob.jobLimit,
        kaniko: { resources: { requests: resources, limits: resources } },
      },
      buildNodes: {
        limits: { cpu: String(knob.poolCpu), memory: `${knob.poolGi}Gi` },
        disk: `${knob.nodeDiskGi}Gi`,
        consolidateAfter: `${knob.consolidateMinutes}m`,
        capacityType: knob.capacityType,
      },
      quotas: { spotVcpus: knob.spotVcpus, onDemandVcpus: knob.spotVcpus, ecrPutImagePerSecond: knob.puts },
      budget: {
        assumptions: {
          buildsPerDay: knob.buildsPerDay,
          buildSeconds: knob.buildSeconds,
          functionPods: knob.functionPods,
        },
      },
    },
  });
}

/** A setting that is raised, by how much. */
const raise = (...names: (keyof Knobs)[]) =>
  fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 200 }));

const raised = (knob: Knobs, [name, by]: [keyof Knobs, number]): Settings =>
  settingsOf({ ...knob, [name]: (knob[name] as number) + by });

describe("estimates of any settings", () => {
  it("never lose capacity when a limit, a quota or a disk is raised", () => {
    fc.assert(
      fc.property(
        knobs,
        raise("jobLimit", "poolCpu", "poolGi", "nodeDiskGi", "spotVcpus", "puts"),
        (knob, change) => {
          const [before, after] = [capacity(settingsOf(knob)), capacity(raised(knob, change))];
          assert.ok(after.atOnce >= before.atOnce);
          assert.ok(after.perHour >= before.perHour);
        },
      ),
    );
  });

  it("never gain capacity when a build asks for more", () => {
    fc.assert(
      fc.property(knobs, raise("milliCpu", "mebibytes", "diskGi"), (knob, change) => {
        assert.ok(capacity(raised(knob, change)).atOnce <= capacity(settingsOf(knob)).atOnce);
      }),
    );
  });

  it("run as many builds at once as the least of the bounds, and name it", () => {
    fc.assert(
      fc.property(knobs, (knob) => {
        const { atOnce, boundBy, bounds } = capacity(settingsOf(knob));
        const slots = bounds.filter(({ id }) => id !== "put-image");
        assert.equal(atOnce, Math.min(...slots.map((bound) => bound.atOnce ?? Infinity)));
        assert.ok(atOnce >= 0 && atOnce <= knob.jobLimit);
        assert.ok(boundBy.length > 0);
      }),
    );
  });

  it("warn exactly where the job limit can't be counted on", () => {
    fc.assert(
      fc.property(knobs, (knob) => {
        const { atOnce, warnings } = capacity(settingsOf(knob));
        const told = warnings.some((warning) => /^kanikoJobLimit|^No node of/.test(warning));
        assert.equal(told, atOnce < knob.jobLimit);
      }),
    );
  });

  it("hold the builds that were asked for in the vCPUs that were answered", () => {
    fc.assert(
      fc.property(knobs, fc.constantFrom("c", "m", "r"), (knob, category) => {
        const { kaniko } = settingsOf(knob).builderService;
        const packing = pack(category, kaniko.resources.requests, `${knob.nodeDiskGi}Gi`);
        if (packing !== undefined)
          assert.ok(packing.within(packing.vcpusFor(knob.jobLimit)) >= knob.jobLimit);
      }),
    );
  });

  it("cost no less for more load, and never less than nothing", () => {
    fc.assert(
      fc.property(
        knobs,
        raise("buildsPerDay", "buildSeconds", "functionPods", "consolidateMinutes"),
        (knob, change) => {
          const [before, after] = [monthlyCost(settingsOf(knob)), monthlyCost(raised(knob, change))];
          for (const [index, line] of after.lines.entries()) {
            assert.ok(line.usd >= (before.lines[index]?.usd ?? 0) && line.usd >= 0, line.id);
          }
        },
      ),
    );
  });

  it("add up to their total", () => {
    fc.assert(
      fc.property(knobs, (knob) => {
        const { lines, total } = monthlyCost(settingsOf(knob));
        assert.equal(total.toFixed(2), lines.reduce((sum, { usd }) => sum + usd, 0).toFixed(2));
      }),
    );
  });

  it("cost no more on spot than on demand", () => {
    fc.assert(
      fc.property(knobs, (knob) => {
        const total = (capacityType: Knobs["capacityType"]) =>
          monthlyCost(settingsOf({ ...knob, capacityType })).total;
        assert.ok(total("spot") <= total("on-demand"));
      }),
    );
  });
});
