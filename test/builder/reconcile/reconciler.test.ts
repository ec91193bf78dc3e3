import assert from "node:assert/strict";
import { readRecord } from "../../../builder/build/buildRecord";
import { LABELS } from "../../../contract/labels";
import { KANIKO_CONTAINER } from "../../../contract/names";
import { InfrastructureError } from "../../../builder/types";
import type { Replica } from "./support/replica";
import { Stage } from "./support/stage";

const CODE = "def handler(data): return data";

describe("a function's build", () => {
  let stage: Stage;
  let replica: Replica;
  before(async () => {
    stage = await Stage.set();
    replica = await stage.replica();
  });
  after(() => stage.strike());

  const builds = async (result: string, strategy = "kaniko"): Promise<number> => {
    const metric = await replica.metrics.registry.getSingleMetric("builds_total")?.get();
    return (
      metric?.values.find(({ labels }) => labels["result"] === result && labels["strategy"] === strategy)
        ?.value ?? 0
    );
  };
  /** What is remembered of a function's builds. */
  const records = (name: string) => {
    const map = stage.api.store.get(`${stage.collection("configmaps")}/${name}-builds`);
    const data = map?.["data"] as Record<string, string> | undefined;
    return {
      builds: JSON.parse(data?.["builds"] ?? "[]") as Record<string, unknown>[],
      log: data?.["failed-log"],
      owner: map?.metadata.ownerReferences?.[0]?.uid,
    };
  };

  describe("from source to revision", () => {
    it("goes through a suspended Job, a digest from the registry and a live tag to a Service by digest", async () => {
      stage.apply("hello", `${CODE} # hello`);
      const job = await stage.job("hello");
      assert.match(job.metadata.name, /^build-hello-[0-9a-z]{10}$/);
      assert.equal(job.spec?.suspend, true);
      assert.equal(job.metadata.labels?.["kueue.x-k8s.io/queue-name"], "team-a");
      assert.equal(job.metadata.labels[LABELS.functionNamespace], "team-a");
      assert.deepEqual(
        job.spec.template.spec?.containers.map(({ name }) => name),
        [KANIKO_CONTAINER],
      );
      const record = readRecord(job);
      assert.ok(replica.contexts.has(record?.contextHash ?? ""));
      const waiting = await stage.says("hello", "BuildReady", "BuildStarted");
      assert.match(waiting.message, /kubectl logs -n knative-lambda job\/build-hello-/);
      assert.equal(stage.fn("hello")?.status?.phase, "Building");
      assert.equal(stage.service("hello"), undefined);

      const digest = stage.play.succeed(job);
      const ready = await stage.says("hello", "ServiceReady", "Serving");
      assert.equal(ready.status, "True");
      const image = `${stage.registry.host}/functions/team-a@${digest}`;
      const { status } = stage.fn("hello") ?? {};
      assert.equal(status?.phase, "Ready");
      assert.equal(status.observedGeneration, 1);
      assert.deepEqual(
        [status.buildStatus?.strategy, status.buildStatus?.digest, status.buildStatus?.imageURI],
        ["kaniko", digest, image],
      );
      assert.equal(status.buildStatus?.imageSizeBytes, 1_000);
      assert.equal(status.serviceStatus?.url, "http://hello.team-a.svc");
      assert.equal(stage.image("hello"), image);
      assert.deepEqual(stage.liveTags("hello"), [`live-hello-${digest.slice(7, 19)}`]);
    });

    it("says each step in an Event, once", () => {
      const said = replica.events.filter(({ of }) => of === "hello").map(({ event }) => event.reason);
      for (const reason of ["SourceRead", "BuildStarted", "ImageBuilt", "RolledOut", "Serving"])
        assert.equal(said.filter((one) => one === reason).length, 1, reason);
      assert.ok(!replica.events.some(({ of, event }) => of === "hello" && event.type === "Warning"));
    });

    it("counts it once, and shows it in the function's trace", async () => {
      assert.equal(await builds("succeeded"), 1);
      assert.equal(replica.spans.filter(({ name }) => name === "build").length, 1);
    });

    it("does nothing for a spec that has not changed", async () => {
      const before = stage.api.writes().length;
      const version = stage.fn("hello")?.metadata.resourceVersion;
      stage.apply("hello", `${CODE} # hello`);
      stage.later(0, "hello");
      await stage.settled();
      assert.deepEqual(stage.api.writes().slice(before), []);
      assert.equal(stage.fn("hello")?.metadata.resourceVersion, version);
      assert.equal(stage.sources.readsOf("team-a/hello"), 1);
    });

    it("builds a changed spec, and serves the image before until the new one is ready", async () => {
      const before = stage.image("hello");
      const jobs = stage.play.jobs("hello");
      stage.apply("hello", `${CODE} # changed`);
      const job = await stage.job("hello", jobs);
      assert.equal(stage.image("hello"), before);
      const digest = stage.play.succeed(job);
      await stage.says("hello", "ServiceReady", "Serving");
      assert.ok(stage.image("hello")?.endsWith(digest));
      assert.equal(stage.liveTags("hello").length, 2);
    });

    it("keeps the live tags of what runs and of what it would roll back to, and no third", async () => {
      const third = await stage.ready("hello", `${CODE} # third`);
      await stage.settled();
      assert.equal(stage.liveTags("hello").length, 2);
      assert.ok(stage.liveTags("hello").includes(`live-hello-${third.slice(7, 19)}`));
    });
  });

  describe("with an image that is there", () => {
    it("has no Job: not for the same source again, and not for another function's", async () => {
      const digest = await stage.ready("first", `${CODE} # same`);
      const jobs = stage.play.jobs().length;
      stage.apply("second", `${CODE} # same`);
      await stage.says("second", "DeployReady", "RolledOut");
      assert.equal(stage.play.jobs().length, jobs);
      const { buildStatus } = stage.fn("second")?.status ?? {};
      assert.deepEqual([buildStatus?.strategy, buildStatus?.digest], ["reuse", digest]);
      assert.equal(buildStatus?.jobName, undefined);
      assert.equal(await builds("succeeded", "reuse"), 1);
      // A change that only a rollout applies.
      stage.apply("first", `${CODE} # same`, { scaling: { maxReplicas: 3 } });
      await stage.says("first", "DeployReady", "RolledOut");
      assert.equal(stage.play.jobs().length, jobs);
    });

    it("has one all the same where a rebuild is forced, once for each generation", async () => {
      await stage.ready("forced", `${CODE} # forced`);
      const jobs = stage.play.jobs("forced");
      stage.apply("forced", `${CODE} # forced`, { build: { forceRebuild: true } });
      stage.play.succeed(await stage.job("forced", jobs));
      await stage.says("forced", "DeployReady", "RolledOut");
      stage.later(0, "forced");
      await stage.settled();
      assert.equal(stage.play.jobs("forced").length, 2);
      stage.apply("forced", `${CODE} # forced`, {
        build: { forceRebuild: true },
        scaling: { maxReplicas: 3 },
      });
      await stage.job("forced", stage.play.jobs("forced"));
    });

    it("waits for the Job of another function that builds the same", async () => {
      stage.apply("one", `${CODE} # twins`);
      const job = await stage.job("one");
      stage.apply("other", `${CODE} # twins`);
      const waiting = await stage.says("other", "BuildReady", "SameBuildRunning");
      assert.ok(waiting.message.includes(job.metadata.name));
      assert.equal(stage.play.jobs("other").length, 0);
      const digest = stage.play.succeed(job);
      stage.later(0, "other");
      await stage.says("other", "DeployReady", "RolledOut");
      assert.equal(stage.fn("other")?.status?.buildStatus?.digest, digest);
      assert.equal(stage.play.jobs("other").length, 0);
    });
  });

  describe("that fails", () => {
    it("is the user's at once where the source is: said with the field, and not tried again", async () => {
      stage.apply("empty", " ");
      const { status, message } = await stage.says("empty", "SourceReady", "SourceEmpty");
      assert.equal(status, "False");
      assert.match(message, /spec\.source/);
      assert.equal(stage.fn("empty")?.status?.phase, "Failed");
      stage.later(3600_000, "empty");
      await stage.settled();
      assert.equal(stage.sources.readsOf("team-a/empty"), 1);
      assert.equal(stage.play.jobs("empty").length, 0);
    });

    it("is the user's at once where Kaniko says so, with the log's end and no second attempt", async () => {
      stage.apply("broken", `${CODE} # broken`);
      const log = [
        "ERROR: No matching distribution found for no-such-package",
        "error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1",
      ].join("\n");
      stage.play.fail(await stage.job("broken"), { log });
      await stage.says("broken", "ServiceReady", "NothingServes");
      const { status, buildStatus } = { status: stage.fn("broken")?.status, ...stage.fn("broken")?.status };
      assert.equal(status?.phase, "Failed");
      assert.match(buildStatus?.error ?? "", /No matching distribution found for no-such-package/);
      stage.later(1800_000, "broken");
      await stage.settled();
      assert.equal(stage.play.jobs("broken").length, 1);
      assert.equal(await builds("user_error"), 1);
      assert.match(records("broken").log ?? "", /no-such-package/);
    });

    it("is told that it waits for a node, and is tried again where it got none in all its time", async () => {
      stage.apply("nodeless", `${CODE} # nodeless`);
      const job = await stage.job("nodeless");
      const pod = stage.play.admit(job);
      await stage.says("nodeless", "BuildReady", "BuildRunning");
      stage.play.schedule(pod, "0/3 nodes are available: 3 Insufficient cpu.\nmore");
      const { message } = await stage.says("nodeless", "BuildReady", "BuildWaitsForNode");
      assert.match(
        message,
        /no node has room for job build-nodeless-\w+ yet: 0\/3 nodes are available: 3 Insufficient cpu\.$/,
      );
      stage.play.runOut(job, pod);
      const failed = await stage.says("nodeless", "BuildReady", "BuildNotScheduled");
      assert.equal(failed.status, "Unknown");
      assert.match(failed.message, /attempt 2 of 5 follows/);
    });

    it("is its author's to shorten where it had a node and took too long", async () => {
      stage.apply("endless", `${CODE} # endless`);
      const job = await stage.job("endless");
      const pod = stage.play.admit(job);
      stage.play.schedule(pod, "0/3 nodes are available");
      await stage.says("endless", "BuildReady", "BuildWaitsForNode");
      stage.play.schedule(pod);
      await stage.says("endless", "BuildReady", "BuildRunning");
      stage.play.runOut(job, pod);
      const { status } = await stage.says("endless", "BuildReady", "BuildDeadlineExceeded");
      assert.equal(status, "False");
    });

    it("is tried again after a back-off where its node was taken, and no sooner", async () => {
      stage.apply("evicted", `${CODE} # evicted`);
      const first = await stage.job("evicted");
      stage.play.fail(first, { disrupted: true });
      const { status, message } = await stage.says("evicted", "BuildReady", "BuildEvicted");
      assert.equal(status, "Unknown");
      assert.match(message, /attempt 2 of 10 follows/);
      stage.later(0, "evicted");
      await stage.settled();
      assert.equal(stage.play.jobs("evicted").length, 1);
      stage.later(11_000, "evicted");
      const second = await stage.job("evicted", [first]);
      assert.equal(second.metadata.name, `${first.metadata.name}-2`);
      stage.play.succeed(second);
      await stage.says("evicted", "DeployReady", "RolledOut");
      assert.equal(stage.fn("evicted")?.status?.buildStatus?.attempt, 2);
      assert.equal(await builds("platform_error"), 0);
    });

    it("is given up after five attempts where the cluster fails, and counted once", async () => {
      stage.apply("unlucky", `${CODE} # unlucky`);
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        stage.play.fail(await stage.job("unlucky"), { log: "error pushing image: 503 Service Unavailable" });
        await stage.until(`attempt ${attempt} to be seen`, () => {
          const { buildStatus } = stage.fn("unlucky")?.status ?? {};
          return buildStatus?.attempt === attempt && buildStatus.completedAt !== undefined;
        });
        if (attempt < 5) stage.later(300_000, "unlucky");
      }
      assert.equal(stage.condition("unlucky", "BuildReady")?.status, "False");
      stage.later(1800_000, "unlucky");
      await stage.settled();
      assert.equal(new Set(stage.play.jobs("unlucky").map(({ metadata }) => metadata.name)).size, 5);
      assert.equal(stage.fn("unlucky")?.status?.phase, "Failed");
      assert.equal(await builds("platform_error"), 1);
    });

    it("is begun anew with the next generation", async () => {
      const jobs = stage.play.jobs("unlucky");
      stage.apply("unlucky", `${CODE} # luckier`);
      stage.play.succeed(await stage.job("unlucky", jobs));
      await stage.says("unlucky", "DeployReady", "RolledOut");
      assert.equal(stage.fn("unlucky")?.status?.buildStatus?.attempt, 1);
    });

    it("leaves what was served before, and says so", async () => {
      await stage.ready("served", `${CODE} # served`);
      const image = stage.image("served");
      const jobs = stage.play.jobs("served");
      stage.apply("served", `${CODE} # worse`);
      stage.play.fail(await stage.job("served", jobs), { reason: "OOMKilled", exitCode: 137 });
      const failed = await stage.says("served", "BuildReady", "BuildOutOfMemory");
      assert.match(failed.message, /4Gi.*builderService\.kaniko\.resources\.limits\.memory/);
      const serves = await stage.says("served", "ServiceReady", "EarlierRevisionServes");
      assert.equal(serves.status, "True");
      assert.equal(stage.fn("served")?.status?.phase, "Failed");
      assert.equal(stage.fn("served")?.status?.serviceStatus?.ready, true);
      assert.equal(stage.image("served"), image);
    });

    it("is not begun while its source can't be had, which is said, and tried again without an end", async () => {
      let gone = true;
      stage.sources.before = (key) => {
        if (key === "team-a/unreachable" && gone)
          throw new InfrastructureError("SourceFetchFailed", "the bucket does not answer");
      };
      stage.apply("unreachable", `${CODE} # unreachable`);
      const { status, message } = await stage.says("unreachable", "SourceReady", "SourceFetchFailed");
      assert.equal(status, "Unknown");
      assert.match(message, /the bucket does not answer; it is tried again/);
      assert.equal(stage.fn("unreachable")?.status?.phase, "Pending");
      assert.equal(stage.play.jobs("unreachable").length, 0);
      gone = false;
      stage.later(0, "unreachable");
      await stage.job("unreachable");
      stage.sources.before = () => undefined;
    });

    it("keeps its place among the attempts while the next one can't be begun", async () => {
      stage.apply("stuck", `${CODE} # stuck`);
      const first = await stage.job("stuck");
      stage.play.fail(first, { disrupted: true });
      await stage.says("stuck", "BuildReady", "BuildEvicted");
      let gone = true;
      stage.sources.before = (key) => {
        if (key === "team-a/stuck" && gone)
          throw new InfrastructureError("SourceFetchFailed", "the bucket does not answer");
      };
      stage.later(11_000, "stuck");
      await stage.says("stuck", "BuildReady", "SourceFetchFailed");
      gone = false;
      stage.later(0, "stuck");
      const second = await stage.job("stuck", [first]);
      stage.sources.before = () => undefined;
      assert.equal(second.metadata.name, `${first.metadata.name}-2`);
    });

    it("says what the registry answers where the image of a build that is done can't be verified, until it can", async () => {
      stage.apply("unverified", `${CODE} # unverified`);
      const job = await stage.job("unverified");
      stage.registry.intercept = ({ path }) =>
        path.includes("/manifests/build-") ? { code: 403 } : undefined;
      const digest = stage.play.succeed(job);
      const { status, message } = await stage.says("unverified", "BuildReady", "RegistryRefused");
      assert.equal(status, "Unknown");
      assert.match(message, new RegExp(`^job ${job.metadata.name} is done, .*403.*; it is tried again$`));
      assert.equal(stage.fn("unverified")?.status?.phase, "Building");
      stage.registry.intercept = () => undefined;
      stage.later(0, "unverified");
      await stage.says("unverified", "DeployReady", "RolledOut");
      assert.ok(stage.image("unverified")?.endsWith(digest));
      assert.equal(stage.play.jobs("unverified").length, 1);
    });

    it("is tried again where the registry has no image of it", async () => {
      stage.apply("lost", `${CODE} # lost`);
      stage.play.succeed(await stage.job("lost"), { said: `sha256:${"e".repeat(64)}`, pushed: false });
      const { status } = await stage.says("lost", "BuildReady", "ImageMissing");
      assert.equal(status, "Unknown");
      assert.equal(stage.service("lost"), undefined);
    });
  });

  describe("in a namespace that the settings don't list", () => {
    it("is done, and its author is told that no records are kept and no Secrets read", async () => {
      const elsewhere = await Stage.set({ FUNCTION_NAMESPACES: "team-b", DEFAULT_NAMESPACE: "team-b" });
      await elsewhere.replica();
      await elsewhere.ready("outside", `${CODE} # outside`);
      const { status, reason, message } = elsewhere.condition("outside", "NamespaceListed") ?? {};
      assert.deepEqual([status, reason], ["False", "NamespaceNotListed"]);
      assert.match(message ?? "", /team-a.*functions\.namespaces/);
      assert.equal(elsewhere.fn("outside")?.status?.phase, "Ready");
      assert.deepEqual(elsewhere.api.writes("/configmaps"), []);
      await elsewhere.strike();
      assert.equal(stage.condition("hello", "NamespaceListed"), undefined);
    });
  });

  describe("with the smaller bases that a stack offers", () => {
    it("is on Alpine where it installs nothing of its own, and only there", async () => {
      const alpine = `alpine.example.com/python:3.13-alpine@sha256:${"f".repeat(64)}`;
      const small = await Stage.set({ BASE_IMAGE_PYTHON_ALPINE: alpine });
      const builder = await small.replica();
      small.apply("plain", `${CODE} # plain`);
      await small.job("plain");
      const inline = { code: `${CODE} # packages`, dependencies: "requests==2.32.3" };
      small.apply("packages", "", { source: { type: "inline", inline } });
      await small.job("packages");
      const bases = builder.dockerfiles.map((text) => /^FROM (\S+) AS build/.exec(text)?.[1]);
      assert.deepEqual(bases, [
        alpine.replace(":3.13-alpine", ""),
        `${small.registry.host}/python@sha256:${"a".repeat(64)}`,
      ]);
      await small.strike();
    });
  });

  describe("is remembered", () => {
    it("with its last ten, in a ConfigMap that goes with the function", async () => {
      for (let index = 1; index <= 12; index += 1) await stage.ready("often", `${CODE} # ${index}`);
      const { builds: kept, owner, log } = records("often");
      assert.deepEqual(
        kept.map(({ generation }) => generation),
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      );
      assert.ok(kept.every(({ result }) => result === "Succeeded"));
      assert.equal(owner, stage.fn("often")?.metadata.uid);
      assert.equal(log, undefined);
    });

    it("nowhere where a ConfigMap of that name is somebody else's, which stays as it is", async () => {
      const theirs = { metadata: { name: "theirs-builds" }, data: { builds: "bricks" } };
      stage.api.store.create(stage.collection("configmaps"), theirs, "somebody");
      await stage.ready("theirs", `${CODE} # theirs`);
      await stage.settled();
      const map = stage.api.store.get(`${stage.collection("configmaps")}/theirs-builds`);
      assert.deepEqual(map?.["data"], { builds: "bricks" });
      assert.equal(map.metadata.ownerReferences, undefined);
    });

    it("with the log of the last that failed, also after one that did not", async () => {
      const before = stage.play.jobs("often");
      stage.apply("often", `${CODE} # fails`);
      stage.play.fail(await stage.job("often", before), {
        log: "RUN failed: first\nno space left on device",
      });
      await stage.until("the log", () => records("often").log !== undefined);
      await stage.ready("often", `${CODE} # mended`);
      await stage.until("the record", () => records("often").builds.at(-1)?.["generation"] === 14);
      assert.match(records("often").log ?? "", /no space left on device/);
    });
  });
});
