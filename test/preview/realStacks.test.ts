import assert from "node:assert/strict";
import { resolve } from "node:path";
import { compare } from "../../preview/compare";
import { evaluate } from "../../preview/evaluate";
import { json } from "../../preview/json";
import { render } from "../../preview/render";
import { renderChanges } from "../../preview/renderChanges";
import { report, type Report } from "../../preview/report";
import { readStackFile, stacksIn } from "../../preview/stackFile";
import { style } from "../../preview/text";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

const freshReportOf = async (stack: string, sets: readonly string[] = []): Promise<Report> => {
  const file = readStackFile(PROJECT_FOLDER, stack, sets);
  return report(file, await evaluate(file));
};

/** Evaluated once each. */
const reports = new Map<string, Report>();
async function reportOf(stack: string, sets: readonly string[] = []): Promise<Report> {
  const key = [stack, ...sets].join(" ");
  const found = reports.get(key) ?? (await freshReportOf(stack, sets));
  reports.set(key, found);
  return found;
}

/** Every setting of SRE-002's techniques, with another value and the path at which a resource of prod carries it. */
const SPECIFIED: readonly [set: string, resource: string, path: string, before: unknown, after: unknown][] = [
  ["builderService.kaniko.cache=false", "builder-environment", "data.KANIKO_CACHE", "true", "false"],
  [
    "builderService.kaniko.cacheRepo=${ECR_REGISTRY}/layers",
    "builder-environment",
    "data.KANIKO_CACHE_REPO",
    "123456789012.dkr.ecr.us-west-2.amazonaws.com/kaniko-cache",
    "123456789012.dkr.ecr.us-west-2.amazonaws.com/layers",
  ],
  ["builderService.kaniko.cacheTTL=48h", "builder-environment", "data.KANIKO_CACHE_TTL", "72h", "48h"],
  [
    "builderService.kaniko.resources.requests.cpu=1500m",
    "builder-environment",
    "data.KANIKO_REQUESTS_CPU",
    "1",
    "1500m",
  ],
  [
    "builderService.kaniko.resources.requests.memory=3Gi",
    "builder-environment",
    "data.KANIKO_REQUESTS_MEMORY",
    "2Gi",
    "3Gi",
  ],
  ["builderService.kaniko.resources.limits.cpu=3", "builder-environment", "data.KANIKO_LIMITS_CPU", "2", "3"],
  [
    "builderService.kaniko.resources.limits.memory=6Gi",
    "builder-environment",
    "data.KANIKO_LIMITS_MEMORY",
    "4Gi",
    "6Gi",
  ],
  [
    "builderService.kanikoJobLimit=50",
    "build-queue-queue",
    "spec.resourceGroups[0].flavors[kaniko-builds].resources[pods].nominalQuota",
    "100",
    "50",
  ],
  ["builderService.autoscaling.minReplicas=3", "builder-autoscaler", "spec.minReplicas", 2, 3],
  ["builderService.autoscaling.maxReplicas=12", "builder-autoscaler", "spec.maxReplicas", 10, 12],
  [
    "builderService.autoscaling.targetCPU=80",
    "builder-autoscaler",
    "spec.metrics[0].resource.target.averageUtilization",
    70,
    80,
  ],
  ["keepAlive.minScale=2", "builder-environment", "data.KEEP_ALIVE_MIN_SCALE", "1", "2"],
  ["keepAlive.maxScale=20", "builder-environment", "data.KEEP_ALIVE_MAX_SCALE", "10", "20"],
  ["keepAlive.target=5", "builder-environment", "data.KEEP_ALIVE_TARGET", "10", "5"],
  ["sourceBucket.accelerate=false", "sources-acceleration", "status", "Enabled", "Suspended"],
];

describe("the stacks of this project", () => {
  for (const stack of stacksIn(PROJECT_FOLDER)) {
    it(`shows ${stack} in 80 columns, and as JSON that can be read back`, async () => {
      const found = await reportOf(stack);
      for (const line of render(found, style(false)).split("\n")) assert.ok(line.length <= 80, line);
      const read = JSON.parse(json(found)) as Report;
      assert.equal(read.resources.length, found.resources.length);
      assert.ok(read.resources.length > 40);
    });
  }

  it("write null in JSON for what can't be known", async () => {
    const { capacity } = JSON.parse(json(await reportOf("local"))) as Report;
    assert.equal(capacity.bounds.find(({ id }) => id === "cluster-nodes")?.atOnce, null);
  });

  it("are the same each time they are evaluated", async () => {
    assert.equal(json(await freshReportOf("prod")), json(await reportOf("prod")));
  });

  it("carry every value of SRE-002's techniques in the resource that acts on it: changing one changes that", async () => {
    const [before, after] = [
      await reportOf("prod"),
      await reportOf(
        "prod",
        SPECIFIED.map(([set]) => set),
      ),
    ];
    const { resources } = compare(before, after);
    for (const [set, name, path, old, now] of SPECIFIED) {
      const change = resources.find(
        (resource) => resource.name === name && resource.values.some((value) => value.path === path),
      );
      assert.deepEqual(
        change?.values.find((value) => value.path === path),
        { path, before: old, after: now },
        set,
      );
    }
  });

  it("give the builder `replicas` where no HPA does, and only there", async () => {
    const [before, after] = [
      await reportOf("prod"),
      await reportOf("prod", ["builderService.autoscaling.enabled=false"]),
    ];
    const { resources } = compare(before, after);
    const deployment = resources.find(({ name }) => name === "builder-deployment");
    assert.deepEqual(
      deployment?.values.find(({ path }) => path === "spec.replicas"),
      { path: "spec.replicas", before: undefined, after: 3 },
    );
    assert.deepEqual(
      resources.filter(({ kind }) => kind === "removed").map(({ name }) => name),
      ["builder-autoscaler"],
    );
  });

  it("are compared in 80 columns", async () => {
    const [dev, prod] = [await reportOf("dev"), await reportOf("prod")];
    const text = renderChanges(compare(dev, prod), style(false));
    for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
    assert.match(text, /^dev → prod$/m);
  });

  it("name what only a provider knows as not shown", async () => {
    const { notes } = await reportOf("prod");
    assert.ok(
      notes.includes(
        "What cluster-eks (eks:index:Cluster) is made of is not shown: its provider makes that.",
      ),
    );
  });
});
