import assert from "node:assert/strict";
import { LABELS } from "../../../contract/labels";
import type { Replica } from "./support/replica";
import { Stage } from "./support/stage";

const CODE = "def handler(data): return data";

describe("a function's service", () => {
  let stage: Stage;
  let replica: Replica;
  before(async () => {
    stage = await Stage.set({ KEEP_ALIVE_FUNCTIONS: "team-a/hot" });
    replica = await stage.replica();
  });
  after(() => stage.strike());

  const scale = (name: string): Record<string, string> => {
    const template = stage.service(name)?.spec?.["template"] as {
      metadata: { annotations: Record<string, string> };
    };
    return template.metadata.annotations;
  };
  const live = (name: string, digest: string): string => `live-${name}-${digest.slice(7, 19)}`;

  it("keeps a pod of functions that the settings name or that are labelled, and of no other", async () => {
    await stage.ready("hot", `${CODE} # hot`);
    await stage.ready("warm", `${CODE} # warm`, {}, { labels: { [LABELS.keepAlive]: "true" } });
    await stage.ready("cold", `${CODE} # cold`, {}, { labels: { [LABELS.keepAlive]: "false" } });
    for (const name of ["hot", "warm"]) {
      assert.equal(scale(name)["autoscaling.knative.dev/min-scale"], "1");
      assert.equal(scale(name)["autoscaling.knative.dev/target"], "50");
    }
    assert.equal(scale("cold")["autoscaling.knative.dev/min-scale"], "0");
    assert.equal(scale("cold")["autoscaling.knative.dev/target"], "10");
  });

  it("has a CPU limit only where the spec has one, which is then warned of", async () => {
    const limits = (name: string): unknown => {
      const template = stage.service(name)?.spec?.["template"] as {
        spec: { containers: { resources: { limits?: unknown } }[] };
      };
      return template.spec.containers[0]?.resources.limits;
    };
    assert.equal(limits("cold"), undefined);
    assert.equal(stage.condition("cold", "SpecHonoured")?.reason, "Honoured");
    await stage.ready("slow", `${CODE} # slow`, { resources: { limits: { cpu: "50m", memory: "128Mi" } } });
    assert.deepEqual(limits("slow"), { cpu: "50m", memory: "128Mi" });
    const { status, reason, message } = stage.condition("slow", "SpecHonoured") ?? {};
    assert.deepEqual([status, reason], ["True", "CpuLimited"]);
    assert.match(message ?? "", /50m.*slows every cold start/);
  });

  it("is looked at again without a request where nothing has changed, and is read anew where something has", async () => {
    await stage.ready("quiet", `${CODE} # quiet`);
    await stage.settled();
    const since = (): number => stage.api.asked.filter(({ path }) => path.endsWith("/quiet")).length;
    let asked = since();
    stage.later(0, "quiet");
    await stage.settled();
    assert.equal(since() - asked, 0);
    // A watch that is behind hides nothing: what is decided from another spec is not what the watch has.
    asked = since();
    stage.api.holdWatches("services");
    stage.apply("quiet", `${CODE} # quiet`, { scaling: { maxReplicas: 3 } });
    await stage.until(
      "the scale that is asked for",
      () => scale("quiet")["autoscaling.knative.dev/max-scale"] === "3",
    );
    stage.api.releaseWatches();
    await stage.settled();
    assert.ok(since() - asked > 0);
  });

  it("says Ready only of a revision that is, and leaves the one before serving where the new one can't start", async () => {
    const first = await stage.ready("flaky", `${CODE} # good`);
    stage.play.slow.add("team-a/flaky");
    const jobs = stage.play.jobs("flaky");
    stage.apply("flaky", `${CODE} # bad`);
    const second = stage.play.succeed(await stage.job("flaky", jobs));
    await stage.says("flaky", "DeployReady", "RollingOut");
    assert.equal(stage.fn("flaky")?.status?.phase, "Deploying");
    assert.equal(stage.condition("flaky", "ServiceReady")?.reason, "RevisionServes");
    stage.play.fails("team-a", "flaky", "container exited with 1: no module named main");
    const failed = await stage.says("flaky", "DeployReady", "RevisionFailed");
    assert.equal(failed.status, "False");
    assert.match(failed.message, /no module named main; flaky-00001 serves on/);
    assert.equal(stage.fn("flaky")?.status?.phase, "Failed");
    const serves = stage.condition("flaky", "ServiceReady");
    assert.deepEqual([serves?.status, serves?.reason], ["True", "EarlierRevisionServes"]);
    assert.equal(stage.fn("flaky")?.status?.serviceStatus?.latestRevision, "flaky-00001");
    // What serves is kept as well as what was rolled out.
    assert.deepEqual(stage.liveTags("flaky"), [live("flaky", first), live("flaky", second)].sort());
  });

  it("is rolled back to the image before, which holds until the spec changes", async () => {
    stage.play.slow.delete("team-a/flaky");
    const [, before] = [
      stage.image("flaky"),
      stage.service("flaky")?.metadata.annotations?.["lambda.knative.io/previous-image"],
    ];
    const jobs = stage.play.jobs("flaky").length;
    stage.command("flaky", "function.rollback");
    const rolled = await stage.says("flaky", "DeployReady", "RolledOut");
    assert.match(rolled.message, /rolled back, until the spec changes/);
    assert.equal(stage.image("flaky"), before);
    stage.later(0, "flaky");
    await stage.settled();
    assert.equal(stage.image("flaky"), before);
    assert.equal(stage.play.jobs("flaky").length, jobs);
    await stage.ready("flaky", `${CODE} # better`);
    assert.notEqual(stage.image("flaky"), before);
    assert.doesNotMatch(stage.condition("flaky", "DeployReady")?.message ?? "", /rolled back/);
  });

  it("is rolled back to the image that served before, past one that never did", async () => {
    const first = await stage.ready("past", `${CODE} # past 1`);
    stage.play.slow.add("team-a/past");
    stage.apply("past", `${CODE} # past 2`);
    const second = stage.play.succeed(await stage.job("past"));
    await stage.until("the second image", () => stage.image("past")?.endsWith(second) === true);
    stage.play.fails("team-a", "past", "it ends as it starts");
    await stage.says("past", "DeployReady", "RevisionFailed");
    stage.play.slow.delete("team-a/past");
    const third = await stage.ready("past", `${CODE} # past 3`);
    await stage.settled();
    assert.deepEqual(stage.liveTags("past"), [live("past", first), live("past", third)].sort());
    stage.command("past", "function.rollback");
    await stage.until("the first image", () => stage.image("past")?.endsWith(first) === true);
    await stage.says("past", "DeployReady", "RolledOut");
    // And back again: both have served.
    await stage.ready("past", `${CODE} # past 4`);
    assert.ok(
      stage.service("past")?.metadata.annotations?.["lambda.knative.io/previous-image"]?.endsWith(first),
    );
  });

  it("is rolled back also where nothing newer could be built", async () => {
    await stage.ready("sad", `${CODE} # 1`);
    const first = stage.image("sad");
    await stage.ready("sad", `${CODE} # 2`);
    stage.apply("sad", " ");
    await stage.says("sad", "SourceReady", "SourceEmpty");
    assert.notEqual(stage.image("sad"), first);
    stage.command("sad", "function.rollback");
    await stage.until("the image before", () => stage.image("sad") === first);
    assert.equal(stage.condition("sad", "SourceReady")?.status, "False");
  });

  it("is not rolled back where there is nothing before, and that is said", async () => {
    await stage.ready("young", `${CODE} # young`);
    const image = stage.image("young");
    stage.command("young", "function.rollback");
    await stage.until("the command to be acted on", () =>
      replica.events.some(({ of, event }) => of === "young" && event.reason === "NothingToRollBackTo"),
    );
    await stage.says("young", "DeployReady", "RolledOut");
    assert.equal(stage.image("young"), image);
  });

  it("is left alone where it is somebody else's, and that is said", async () => {
    const theirs = {
      metadata: { name: "taken" },
      spec: { template: { spec: { containers: [{ image: "theirs" }] } } },
    };
    stage.api.store.create(stage.collection("services"), theirs, "somebody");
    stage.apply("taken", `${CODE} # taken`);
    stage.play.succeed(await stage.job("taken"));
    const { status, message } = await stage.says("taken", "DeployReady", "ServiceNameTaken");
    assert.equal(status, "False");
    assert.match(message, /taken/);
    assert.equal(stage.image("taken"), "theirs");
    stage.delete("taken");
    await stage.until("the function to go", () => stage.fn("taken") === undefined);
    assert.equal(stage.image("taken"), "theirs");
  });
});

describe("commands to a function", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    await stage.replica();
  });
  after(() => stage.strike());

  /** A function whose code lies elsewhere, so that it changes without its spec. */
  const git = (name: string): void => {
    const source = { type: "git", git: { url: "https://example.com/repo.git", ref: "main" } };
    stage.apply(name, "", { source });
  };
  const code = (name: string, text: string): void => {
    stage.sources.elsewhere.set(`team-a/${name}`, text);
  };

  describe("build.start", () => {
    it("reads the source anew and builds what has changed there, under the same spec", async () => {
      code("moved", `${CODE} # moved 1`);
      git("moved");
      stage.play.succeed(await stage.job("moved"));
      await stage.says("moved", "DeployReady", "RolledOut");
      const jobs = stage.play.jobs("moved");
      code("moved", `${CODE} # moved 2`);
      stage.command("moved", "build.start");
      const digest = stage.play.succeed(await stage.job("moved", jobs));
      await stage.until("the new image", () => stage.image("moved")?.endsWith(digest) === true);
      assert.equal(stage.fn("moved")?.metadata.generation, 1);
    });

    it("is acted on once", async () => {
      await stage.says("moved", "DeployReady", "RolledOut");
      const reads = stage.sources.readsOf("team-a/moved");
      stage.later(0, "moved");
      await stage.settled();
      assert.equal(stage.sources.readsOf("team-a/moved"), reads);
    });

    it("during a build of the same source leaves it running", async () => {
      code("running", `${CODE} # running`);
      git("running");
      const job = await stage.job("running");
      const reads = stage.sources.readsOf("team-a/running");
      stage.command("running", "build.start");
      await stage.until("the source to be read", () => stage.sources.readsOf("team-a/running") > reads);
      await stage.says("running", "BuildReady", "BuildStarted");
      await stage.settled();
      assert.deepEqual(
        stage.play.jobs("running").map(({ metadata }) => metadata.uid),
        [job.metadata.uid],
      );
      stage.play.succeed(job);
      await stage.says("running", "DeployReady", "RolledOut");
    });

    it("during a build of a source that has changed since ends it and builds the new one", async () => {
      code("changed", `${CODE} # before`);
      git("changed");
      const job = await stage.job("changed");
      code("changed", `${CODE} # after`);
      stage.command("changed", "build.start");
      const next = await stage.job("changed", [job]);
      await stage.until("the first to go", () => stage.play.jobs("changed").length === 1);
      assert.notEqual(next.metadata.name, job.metadata.name);
      stage.play.succeed(next);
      await stage.says("changed", "DeployReady", "RolledOut");
    });
  });

  describe("build.retry", () => {
    it("builds again what has failed, as its first attempt", async () => {
      stage.apply("again", `${CODE} # again`);
      const job = await stage.job("again");
      stage.play.fail(job, { reason: "OOMKilled", exitCode: 137 });
      await stage.says("again", "BuildReady", "BuildOutOfMemory");
      stage.command("again", "build.retry");
      const next = await stage.job("again", [job]);
      assert.equal(next.metadata.name, job.metadata.name);
      stage.play.succeed(next);
      await stage.says("again", "DeployReady", "RolledOut");
      assert.equal(stage.fn("again")?.status?.buildStatus?.attempt, 1);
    });

    it("does nothing where nothing has failed", async () => {
      const jobs = stage.play.jobs("again").length;
      const reads = stage.sources.readsOf("team-a/again");
      stage.command("again", "build.retry");
      await stage.until("the command to be acted on", () =>
        Object.keys(stage.fn("again")?.metadata.annotations ?? {}).includes(
          "lambda.knative.io/acted-build.retry",
        ),
      );
      await stage.settled();
      assert.equal(stage.play.jobs("again").length, jobs);
      assert.equal(stage.sources.readsOf("team-a/again"), reads);
    });
  });

  describe("build.cancel", () => {
    it("ends the build, and holds until the next generation", async () => {
      stage.apply("stop", `${CODE} # stop`);
      await stage.job("stop");
      stage.command("stop", "build.cancel");
      const { status } = await stage.says("stop", "BuildReady", "BuildCancelled");
      assert.equal(status, "False");
      await stage.until("the job to go", () => stage.play.jobs("stop").length === 0);
      const reads = stage.sources.readsOf("team-a/stop");
      stage.later(3600_000, "stop");
      await stage.settled();
      assert.equal(stage.play.jobs("stop").length, 0);
      assert.equal(stage.sources.readsOf("team-a/stop"), reads);
      await stage.ready("stop", `${CODE} # go`);
    });

    it("does nothing to what is built", async () => {
      stage.command("stop", "build.cancel");
      await stage.until("the command to be acted on", () => {
        const annotations = stage.fn("stop")?.metadata.annotations ?? {};
        return (
          annotations["lambda.knative.io/acted-build.cancel"] ===
          annotations["lambda.knative.io/command-build.cancel"]
        );
      });
      assert.equal(stage.fn("stop")?.status?.phase, "Ready");
    });
  });
});

describe("the deletion of a function", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.set();
    await stage.replica();
  });
  after(() => stage.strike());

  it("removes all that it owns: service, records, Jobs, locks and live tags; and its image stays", async () => {
    const digest = await stage.ready("gone", `${CODE} # gone`);
    await stage.ready("stays", `${CODE} # stays`);
    stage.delete("gone");
    await stage.until("the function to go", () => stage.fn("gone") === undefined);
    await stage.until(
      "what it owns to go",
      () => stage.api.store.where((path) => /\/(gone|build-gone)\b/.test(path)).length === 0,
    );
    assert.equal(stage.service("gone"), undefined);
    assert.deepEqual(stage.liveTags("gone"), []);
    assert.equal(stage.liveTags("stays").length, 1);
    assert.ok(stage.service("stays"));
    assert.ok(
      stage.registry
        .tagsOf("functions/team-a")
        .some((tag) => stage.registry.tagged("functions/team-a", tag) === digest),
    );
    assert.equal(stage.locks().length, 1);
  });

  it("cancels the build that runs, and begins no other", async () => {
    stage.apply("early", `${CODE} # early`);
    await stage.job("early");
    stage.delete("early");
    await stage.until("the function to go", () => stage.fn("early") === undefined);
    await stage.settled();
    assert.deepEqual(stage.play.jobs("early"), []);
    assert.equal(stage.service("early"), undefined);
  });

  it("is not held up by a registry that takes no tag off", async () => {
    await stage.ready("tagged", `${CODE} # tagged`);
    stage.registry.intercept = ({ method }) => (method === "DELETE" ? { code: 405 } : undefined);
    stage.delete("tagged");
    await stage.until("the function to go", () => stage.fn("tagged") === undefined);
    assert.equal(stage.liveTags("tagged").length, 1);
    stage.registry.intercept = () => undefined;
  });

  it("leaves no build behind where somebody takes the finalizer off", async () => {
    stage.apply("forced", `${CODE} # forced`);
    await stage.job("forced");
    stage.api.store.change(stage.collection(), "forced", false, (object) => ({
      ...object,
      metadata: { ...object.metadata, finalizers: [] },
    }));
    stage.delete("forced");
    await stage.until("the build to go", () => stage.play.jobs("forced").length === 0);
    await stage.until(
      "its lock to go",
      () => !stage.locks().some(({ metadata }) => metadata.labels?.[LABELS.function] === "forced"),
    );
  });

  it("also removes a build that was begun while it went", async () => {
    stage.sources.before = async (key) => {
      if (key !== "team-a/late") return;
      stage.delete("late");
      await stage.until(
        "it to be on its way out",
        () => stage.fn("late")?.metadata.deletionTimestamp !== undefined,
      );
    };
    stage.apply("late", `${CODE} # late`);
    await stage.until(
      "the function to go",
      () => stage.fn("late") === undefined && stage.sources.readsOf("team-a/late") > 0,
    );
    await stage.settled();
    assert.deepEqual(stage.play.jobs("late"), []);
  });
});
