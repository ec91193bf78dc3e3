import assert from "node:assert/strict";
import { readRecord } from "../../../builder/build/buildRecord";
import { jobName } from "../../../builder/build/jobName";
import { hasEnded } from "../../../builder/reconcile/cluster";
import { BUILD_NAMESPACE } from "../../../contract/names";
import type { Fault } from "../support/clusterApi";
import type { Replica } from "./support/replica";
import { Stage } from "./support/stage";

const LOCKS = `/apis/coordination.k8s.io/v1/namespaces/${BUILD_NAMESPACE}/leases`;
const CODE = "def handler(data): return data";

/** Watches for two Jobs that build one image at once, and builds each Job as soon as it is there. */
function builtAtOnce(stage: Stage): { most: number; names: Set<string> } {
  const seen = { most: 0, names: new Set<string>() };
  stage.api.store.onEvent(({ type, object, collection }) => {
    if (type !== "ADDED" || !collection.endsWith("/jobs")) return;
    seen.names.add(object.metadata.name);
    const running = stage.play.jobs().filter((job) => !hasEnded(job));
    const image = readRecord(object)?.image;
    seen.most = Math.max(seen.most, running.filter((job) => readRecord(job)?.image === image).length);
    setTimeout(() => {
      const job = stage.play.jobs().find(({ metadata }) => metadata.uid === object.metadata.uid);
      if (job !== undefined) stage.play.succeed(job);
    }, 10);
  });
  return seen;
}

const succeeded = async (replicas: readonly Replica[]): Promise<number> => {
  const counts = await Promise.all(
    replicas.map(async ({ metrics }) => {
      const { values = [] } = (await metrics.registry.getSingleMetric("builds_total")?.get()) ?? {};
      return values.find(({ labels }) => labels["result"] === "succeeded" && labels["strategy"] === "kaniko")
        ?.value;
    }),
  );
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
};

describe("three builders that all take every function for theirs", () => {
  let stage: Stage;
  let replicas: Replica[];
  let seen: ReturnType<typeof builtAtOnce>;
  before(async () => {
    stage = await Stage.set();
    replicas = [];
    for (const name of ["builder-1", "builder-2", "builder-3"])
      replicas.push(await stage.replica(name, { everything: true }));
    seen = builtAtOnce(stage);
  });
  after(() => stage.strike());

  it("build each function once, record it once and count it once", async () => {
    const names = ["a", "b", "c", "d", "e", "f"].map((letter) => `each-${letter}`);
    for (const name of names) stage.apply(name, `${CODE} # ${name}`);
    for (const name of names) await stage.says(name, "ServiceReady", "Serving");
    await stage.settled();
    assert.equal(seen.names.size, names.length);
    assert.equal(seen.most, 1);
    assert.equal(await succeeded(replicas), names.length);
    for (const name of names) {
      const map = stage.api.store.get(`${stage.collection("configmaps")}/${name}-builds`);
      const data = map?.["data"] as Record<string, string>;
      assert.equal((JSON.parse(data["builds"] ?? "") as unknown[]).length, 1);
      assert.equal(stage.liveTags(name).length, 1);
    }
  });

  it("build one source of many functions by one Job", async () => {
    seen.names.clear();
    const names = ["a", "b", "c", "d", "e", "f"].map((letter) => `same-${letter}`);
    for (const name of names) stage.apply(name, `${CODE} # the same`);
    for (const name of names) await stage.says(name, "ServiceReady", "Serving");
    assert.equal(seen.names.size, 1);
    assert.equal(new Set(names.map((name) => stage.image(name))).size, 1);
    assert.equal(seen.most, 1);
  });
});

describe("an API server that refuses every fifth request", () => {
  it("delays what three builders do, and doubles nothing", async () => {
    const stage = await Stage.set();
    const seen = builtAtOnce(stage);
    for (const name of ["builder-1", "builder-2", "builder-3"]) await stage.replica(name);
    let requests = 0;
    const refused: Fault[] = [{ code: 429, retryAfter: 0 }, { code: 500 }, "lost", { code: 503 }];
    stage.api.fault = () => {
      requests += 1;
      return requests % 5 === 0 ? refused[(requests / 5) % refused.length] : undefined;
    };
    const names = ["a", "b", "c"].map((letter) => `faulty-${letter}`);
    for (const name of names) stage.apply(name, `${CODE} # ${name}`);
    // So that no back-off is waited for to its end.
    const looks = setInterval(() => {
      for (const name of names) stage.later(0, name);
    }, 100);
    await stage.until(
      "all to serve",
      () => names.every((name) => stage.condition(name, "ServiceReady")?.reason === "Serving"),
      15_000,
    );
    clearInterval(looks);
    stage.api.fault = () => undefined;
    assert.deepEqual([seen.names.size, seen.most], [names.length, 1]);
    for (const name of names) assert.equal(stage.liveTags(name).length, 1);
    await stage.strike();
  });
});

describe("a builder whose watches are behind", () => {
  let stage: Stage;
  let first: Replica;
  let second: Replica;
  before(async () => {
    stage = await Stage.set();
    first = await stage.replica("builder-1", { everything: true });
    second = await stage.replica("builder-2", { everything: true });
  });
  afterEach(() => {
    stage.api.releaseWatches();
  });
  after(() => stage.strike());

  it("of pods still says what the build's pod has ended of", async () => {
    stage.apply("podless", `${CODE} # podless`);
    const job = await stage.job("podless");
    stage.api.holdWatches("pods");
    stage.play.fail(job, { reason: "OOMKilled", exitCode: 137 });
    const { status } = await stage.says("podless", "BuildReady", "BuildOutOfMemory");
    assert.equal(status, "False");
  });

  it("of Jobs does not take a Job that had the name before for the new one", async () => {
    stage.api.holdWatches("jobs");
    const jobs = stage.play.jobs("podless");
    stage.command("podless", "build.retry");
    const next = await stage.job("podless", jobs);
    assert.equal(next.metadata.name, jobs[0]?.metadata.name);
    await stage.settled();
    assert.equal(stage.condition("podless", "BuildReady")?.status, "Unknown");
    stage.play.succeed(next);
    stage.api.releaseWatches();
    await stage.says("podless", "DeployReady", "RolledOut");
  });

  it("of Services forgets no image between what runs and what it would roll back to", async () => {
    await stage.ready("quick", `${CODE} # 1`);
    stage.api.holdWatches("services");
    const digests: string[] = [];
    for (const code of ["2", "3"]) {
      const jobs = stage.play.jobs("quick");
      stage.apply("quick", `${CODE} # ${code}`);
      digests.push(stage.play.succeed(await stage.job("quick", jobs)));
      await stage.until(
        `image ${code}`,
        () => stage.image("quick")?.endsWith(digests.at(-1) ?? "-") === true,
      );
    }
    stage.api.releaseWatches();
    await stage.says("quick", "ServiceReady", "Serving");
    await stage.settled();
    assert.deepEqual(
      stage.liveTags("quick"),
      digests.map((digest) => `live-quick-${digest.slice(7, 19)}`).sort(),
    );
  });

  it("of functions neither builds nor rolls out what a later generation has replaced", async () => {
    await stage.ready("ahead", `${CODE} # old`);
    stage.api.holdWatches("lambdafunctions", second.name);
    await stage.ready("ahead", `${CODE} # new`);
    const image = stage.image("ahead");
    const jobs = stage.play.jobs("ahead").length;
    const before = stage.api.writes().length;
    second.look("team-a/ahead");
    await stage.settled();
    assert.equal(stage.image("ahead"), image);
    assert.equal(stage.play.jobs("ahead").length, jobs);
    assert.deepEqual(stage.api.writes().slice(before), []);
  });

  it("of functions does not undo a rollback, which is of the same generation", async () => {
    await stage.ready("back", `${CODE} # first`);
    const first = stage.image("back");
    await stage.ready("back", `${CODE} # second`);
    await stage.settled();
    stage.api.holdWatches("lambdafunctions", second.name);
    stage.command("back", "function.rollback");
    await stage.until("the first image", () => stage.image("back") === first);
    second.look("team-a/back");
    await stage.settled();
    assert.equal(stage.image("back"), first);
  });

  it("of functions ends no build that another has begun", async () => {
    stage.apply("begun", `${CODE} # begun`);
    const job = await stage.job("begun");
    stage.play.fail(job, { disrupted: true });
    await stage.says("begun", "BuildReady", "BuildEvicted");
    await stage.settled();
    stage.api.holdWatches("lambdafunctions", second.name);
    stage.pass(11_000);
    first.look("team-a/begun");
    const next = await stage.job("begun", [job]);
    await stage.settled();
    second.look("team-a/begun");
    await stage.settled();
    assert.ok(stage.play.jobs("begun").some(({ metadata }) => metadata.uid === next.metadata.uid));
    assert.equal(stage.play.jobs("begun").filter((one) => !hasEnded(one)).length, 1);
  });

  it("of Jobs leaves the Job of a spec that was replaced, where it has made its image: it is that image's record", async () => {
    stage.apply("replaced", `${CODE} # to be replaced`);
    const job = await stage.job("replaced");
    await stage.settled();
    stage.api.holdWatches("jobs");
    stage.play.succeed(job);
    stage.apply("replaced", `${CODE} # replaced`);
    const next = await stage.job("replaced", [job]);
    await stage.settled();
    const names = (): string[] => stage.play.jobs("replaced").map(({ metadata }) => metadata.name);
    assert.deepEqual(names().sort(), [job.metadata.name, next.metadata.name].sort());
    stage.play.succeed(next);
    stage.api.releaseWatches();
    await stage.says("replaced", "DeployReady", "RolledOut");
    assert.equal(names().length, 2);
  });

  it("of functions makes no Job of a build that was cancelled", async () => {
    stage.apply("ended", `${CODE} # ended`);
    await stage.job("ended");
    await stage.settled();
    stage.api.holdWatches("lambdafunctions", second.name);
    const before = stage.api.writes("/jobs").length;
    stage.command("ended", "build.cancel");
    await stage.says("ended", "BuildReady", "BuildCancelled");
    await stage.until("the job to go", () => stage.play.jobs("ended").length === 0);
    second.look("team-a/ended");
    await stage.settled();
    const made = stage.api
      .writes("/jobs")
      .slice(before)
      .filter(({ method }) => method === "POST");
    assert.deepEqual(made, []);
  });

  it("of Jobs builds an image by one Job, though two functions want it at once", async () => {
    stage.api.holdWatches("jobs");
    stage.apply("left", `${CODE} # one image`);
    stage.apply("right", `${CODE} # one image`);
    await stage.until("one to wait", () =>
      ["left", "right"].some((name) => stage.condition(name, "BuildReady")?.reason === "SameBuildRunning"),
    );
    await stage.settled();
    const jobs = [...stage.play.jobs("left"), ...stage.play.jobs("right")];
    assert.equal(jobs.length, 1);
    stage.api.releaseWatches();
    for (const job of jobs) stage.play.succeed(job);
    for (const name of ["left", "right"]) await stage.says(name, "DeployReady", "RolledOut");
    assert.equal(stage.image("left"), stage.image("right"));
  });
});

describe("a builder that was stopped between lock and Job, until the lock was another's", () => {
  it("ends its own Job as it begins, and takes the image of the other's", async () => {
    const stage = await Stage.set();
    await stage.replica("builder-1");
    stage.apply("late", `${CODE} # one image`);
    const late = await stage.job("late");
    await stage.settled();
    const { buildHash = "" } = readRecord(late) ?? {};
    const name = jobName({ namespace: stage.namespace, name: "early" }, buildHash, 1);
    const [lock] = stage.locks();
    stage.api.store.change(LOCKS, lock?.metadata.name ?? "", false, (lease) => ({
      ...lease,
      spec: { ...(lease["spec"] as object), holderIdentity: name },
    }));
    stage.apply("early", `${CODE} # one image`);
    await stage.says("early", "BuildReady", "SameBuildRunning");
    stage.play.admit(late);
    const early = await stage.job("early");
    assert.equal(early.metadata.name, name);
    const said = await stage.says("late", "BuildReady", "SameBuildRunning");
    assert.match(said.message, new RegExp(`^job ${name} builds the same`));
    assert.deepEqual(stage.play.jobs("late"), []);
    const digest = stage.play.succeed(early);
    for (const each of ["late", "early"]) {
      await stage.says(each, "DeployReady", "RolledOut");
      assert.ok(stage.image(each)?.endsWith(digest), each);
    }
    await stage.strike();
  });

  it("goes on with its Job where nobody has the lock", async () => {
    const stage = await Stage.set();
    await stage.replica("builder-1");
    stage.apply("alone", CODE);
    const job = await stage.job("alone");
    await stage.settled();
    stage.api.store.remove(LOCKS, stage.locks()[0]?.metadata.name ?? "");
    stage.play.admit(job);
    await stage.says("alone", "BuildReady", "BuildRunning");
    assert.deepEqual(
      stage.play.jobs("alone").map(({ metadata }) => metadata.uid),
      [job.metadata.uid],
    );
    await stage.strike();
  });
});
