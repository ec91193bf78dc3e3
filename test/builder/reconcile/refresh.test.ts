import assert from "node:assert/strict";
import { REVISION_LABEL } from "../../../builder/reconcile/cluster";
import { LABELS } from "../../../contract/labels";
import { Stage } from "./support/stage";

const CODE = "def handler(data): return data";
const NAMES = ["a", "b", "c"].map((letter) => `fn-${letter}`);
/** As many looks at what is to be refreshed as would begin one too many, if they did. */
const SOME_LOOKS_MS = 60;

describe("functions whose image was made by earlier templates", () => {
  let stage: Stage;
  beforeEach(async () => {
    // A tenth of it, and one at the least: one at a time.
    stage = await Stage.set({ KANIKO_JOB_LIMIT: "10" });
    await stage.replica("first", { templateVersion: 1 });
  });
  afterEach(() => stage.strike());

  const version = (name: string): number | undefined => stage.fn(name)?.status?.buildStatus?.templateVersion;
  const isServed = (name: string, by: number): boolean => {
    const { metadata, status } = stage.fn(name) ?? {};
    return (
      status?.phase === "Ready" &&
      status.observedGeneration === metadata?.generation &&
      status.buildStatus?.templateVersion === by &&
      status.buildStatus.imageURI === stage.image(name)
    );
  };
  const allServed = (names: readonly string[], by: number): Promise<void> =>
    stage.until(`all to serve what version ${by} built`, () => names.every((name) => isServed(name, by)));
  const unfinished = () => stage.play.jobs().filter(({ status }) => (status?.conditions ?? []).length === 0);
  const looks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SOME_LOOKS_MS));

  /** Builds each Job a while after it is there. @returns Functions in the order of their Jobs, and how many Jobs there were at once */
  function buildAll(): { order: string[]; most: number } {
    const seen = { order: [] as string[], most: 0 };
    stage.api.store.onEvent(({ type, object, collection }) => {
      if (type !== "ADDED" || !collection.endsWith("/jobs")) return;
      seen.order.push(object.metadata.labels?.[LABELS.function] ?? "");
      seen.most = Math.max(seen.most, unfinished().length);
      setTimeout(() => {
        const job = unfinished().find(({ metadata }) => metadata.uid === object.metadata.uid);
        if (job !== undefined) stage.play.succeed(job);
      }, 30);
    });
    return seen;
  }

  /** A pod of a function's latest revision. */
  const serve = (name: string): void => {
    stage.api.store.create(
      `/api/v1/namespaces/${stage.namespace}/pods`,
      {
        metadata: {
          name: `${name}-pod`,
          labels: {
            [LABELS.function]: name,
            [REVISION_LABEL]: stage.fn(name)?.status?.serviceStatus?.latestRevision ?? "",
          },
        },
      },
      "knative",
    );
  };

  it("are built anew by later ones, one at a time, in use first and then the oldest, and not built back by an earlier builder, beside them or alone", async () => {
    for (const name of NAMES) await stage.ready(name, `${CODE} # ${name}`);
    serve("fn-c");
    assert.deepEqual(NAMES.map(version), [1, 1, 1]);
    const before = NAMES.map((name) => stage.image(name));
    const seen = buildAll();
    const second = await stage.replica("second", { templateVersion: 2 });
    await allServed(NAMES, 2);
    assert.deepEqual(seen.order, ["fn-c", "fn-a", "fn-b"]);
    assert.equal(seen.most, 1);
    assert.deepEqual(
      NAMES.filter((name, index) => stage.image(name) === before[index]),
      [],
    );

    // What later templates built is theirs to build, also when the spec changes.
    stage.apply("fn-a", `${CODE} # changed`);
    await allServed(NAMES, 2);
    await stage.settled();

    const images = NAMES.map((name) => stage.image(name));
    const nothingIsDone = async (): Promise<void> => {
      const writes = stage.api.writes("/lambdafunctions").length;
      for (const name of NAMES) stage.later(0, name);
      await looks();
      await stage.settled();
      assert.equal(seen.order.length, NAMES.length + 1);
      assert.equal(stage.api.writes("/lambdafunctions").length, writes);
      assert.deepEqual(
        NAMES.map((name) => stage.image(name)),
        images,
      );
    };
    await nothingIsDone();
    stage.kill(second);
    await nothingIsDone();
  });

  it("are said to be built anew, serve until then, and after a failure as well", async () => {
    const digest = await stage.ready("fn-a", CODE);
    await stage.replica("second", { templateVersion: 2 });
    await stage.until("the refresh to be said", () => version("fn-a") === 2);
    const job = await stage.job("fn-a");
    assert.ok(stage.image("fn-a")?.endsWith(digest));
    const serving = stage.condition("fn-a", "ServiceReady");
    assert.deepEqual([serving?.status, serving?.reason], ["True", "Serving"]);
    stage.play.fail(job, { reason: "OOMKilled", exitCode: 137 });
    await stage.says("fn-a", "ServiceReady", "EarlierRevisionServes");
    assert.equal(stage.fn("fn-a")?.status?.phase, "Failed");
    assert.ok(stage.image("fn-a")?.endsWith(digest));
    await looks();
    assert.deepEqual(unfinished(), []);
  });

  it("wait while builds that others want are under way", async () => {
    await stage.ready("fn-a", `${CODE} # a`);
    stage.apply("wanted", `${CODE} # wanted`);
    const wanted = await stage.job("wanted");
    await stage.replica("second", { templateVersion: 2 });
    await looks();
    assert.equal(version("fn-a"), 1);
    assert.equal(stage.fn("fn-a")?.status?.phase, "Ready");
    stage.play.succeed(wanted);
    stage.play.succeed(await stage.job("fn-a"));
    await stage.until("fn-a", () => isServed("fn-a", 2));
  });

  it("wait ten minutes at most for one whose source can't be reached", async () => {
    for (const name of ["fn-a", "fn-b"]) await stage.ready(name, `${CODE} # ${name}`);
    let reached = false;
    stage.sources.before = async (key) => {
      if (key === "team-a/fn-a") await stage.until("the source to be reached", () => reached, 60_000);
    };
    buildAll();
    await stage.replica("second", { templateVersion: 2 });
    await stage.until("fn-a to be begun", () => version("fn-a") === 2);
    await looks();
    assert.equal(version("fn-b"), 1);
    stage.pass(10 * 60_000);
    await stage.until("fn-b", () => isServed("fn-b", 2));
    reached = true;
    await allServed(["fn-a", "fn-b"], 2);
  });

  it("are left as they are where a rollback holds them, their source is an image, or they have failed", async () => {
    await stage.ready("held", `${CODE} # 1`);
    const earlier = stage.image("held");
    await stage.ready("held", `${CODE} # 2`);
    stage.command("held", "function.rollback");
    await stage.until("the rollback", () => stage.image("held") === earlier);
    stage.apply("given", "", { source: { type: "image", image: { repository: "example.com/given" } } });
    await stage.says("given", "ServiceReady", "Serving");
    stage.apply("failed", " ");
    await stage.says("failed", "SourceReady", "SourceEmpty");
    await stage.settled();
    const writes = stage.api.writes("/lambdafunctions").length;
    const seen = buildAll();
    await stage.replica("second", { templateVersion: 2 });
    await looks();
    await stage.settled();
    assert.deepEqual(seen.order, []);
    assert.equal(stage.image("held"), earlier);
    assert.deepEqual(stage.api.writes("/lambdafunctions").slice(writes), []);
  });

  it("end the same where the builder that began is killed after it said so", async () => {
    for (const name of NAMES) await stage.ready(name, `${CODE} # ${name}`);
    const seen = buildAll();
    let told = false;
    stage.api.fault = ({ method, path, from }) => {
      if (from !== "second" || method === "GET" || !path.endsWith("/status")) return undefined;
      told = true;
      stage.api.kill("second");
      return "lost";
    };
    const second = await stage.replica("second", { templateVersion: 2 });
    await stage.until("the second to be killed", () => told);
    stage.kill(second);
    await stage.replica("third", { templateVersion: 2 });
    await allServed(NAMES, 2);
    assert.equal(seen.most, 1);
    assert.deepEqual([...seen.order].sort(), NAMES);
  });

  it("serve their own image again where the later builder is gone before it has built, and can be rolled back after", async () => {
    for (const name of ["fn-a", "fn-b"]) await stage.ready(name, `${CODE} # ${name}`);
    const [own] = ["fn-a", "fn-b"].map((name) => stage.image(name));
    buildAll();
    let jobs = 0;
    stage.api.fault = ({ method, path, from }) => {
      if (from !== "second" || method !== "POST" || !path.endsWith("/jobs") || ++jobs < 2) return undefined;
      stage.api.kill("second");
      return "cut";
    };
    const second = await stage.replica("second", { templateVersion: 2 });
    await stage.until("the second to be killed", () => jobs === 2);
    stage.kill(second);
    // It takes what the second had begun for its own, and finds its own image of it.
    await stage.until("fn-b to be given up", () => isServed("fn-b", 1));
    assert.ok(isServed("fn-a", 2));
    stage.command("fn-a", "function.rollback");
    await stage.until("the image before", () => stage.image("fn-a") === own);
    await stage.says("fn-a", "DeployReady", "RolledOut");
  });

  it("are not held up by one whose status or Job is refused", async () => {
    for (const name of NAMES) await stage.ready(name, `${CODE} # ${name}`);
    const asked = new Map<string, number>();
    const refused: Record<string, (path: string) => boolean> = {
      "fn-a": (path) => path.endsWith("/lambdafunctions/fn-a/status"),
      "fn-b": (path) => path.includes("/jobs/") && path.includes("fn-b"),
    };
    stage.api.fault = ({ method, path, from }) => {
      const name = Object.keys(refused).find((one) => refused[one]?.(path) === true);
      if (name === undefined || from !== "second" || method === "GET") return undefined;
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return { code: method === "DELETE" ? 403 : 422 };
    };
    buildAll();
    await stage.replica("second", { templateVersion: 2 });
    await allServed(["fn-c"], 2);
    await looks();
    assert.deepEqual(Object.fromEntries(asked), { "fn-a": 1, "fn-b": 1 });
    assert.deepEqual(NAMES.map(version), [1, 1, 2]);
    assert.ok(["fn-a", "fn-b"].every((name) => isServed(name, 1)));
    stage.api.fault = () => undefined;
    stage.pass(10 * 60_000);
    await allServed(NAMES, 2);
  });

  it("keep a pod as their labels ask: by the later builder alone while it is live, and by the earlier one after", async () => {
    const code = `${CODE} # a`;
    await stage.ready("fn-a", code);
    buildAll();
    const second = await stage.replica("second", { templateVersion: 2 });
    await allServed(["fn-a"], 2);
    const image = stage.image("fn-a");
    const eager = await stage.replica("eager", { templateVersion: 1, everything: true });
    await stage.settled();

    const minScale = (): string | undefined => {
      const template = stage.service("fn-a")?.spec?.["template"] as {
        metadata: { annotations: Record<string, string> };
      };
      return template.metadata.annotations["autoscaling.knative.dev/min-scale"];
    };
    const label = (keepAlive: string): void => {
      stage.apply("fn-a", code, {}, { labels: { [LABELS.keepAlive]: keepAlive } });
    };
    const known = () => eager.controller.cluster.functions.get(`${stage.namespace}/fn-a`)?.metadata.labels;
    stage.api.holdWatches("lambdafunctions", "second");
    const writes = stage.api.writes("/services").length;
    label("true");
    await stage.until("the earlier to see it", () => known()?.[LABELS.keepAlive] === "true");
    stage.later(0, "fn-a");
    await stage.settled();
    assert.equal(stage.api.writes("/services").length, writes);
    assert.equal(minScale(), "0");

    stage.kill(second);
    await stage.until("the pod to be kept", () => minScale() === "1");
    label("false");
    await stage.until("the pod to be kept no longer", () => minScale() === "0");
    await allServed(["fn-a"], 2);
    assert.equal(stage.image("fn-a"), image);
    await stage.settled();
    const since = stage.api.asked.length;
    stage.later(0, "fn-a");
    await stage.settled();
    assert.deepEqual(stage.api.asked.slice(since), []);
  });

  it("are built anew no more once too many of them fail, until templates are raised again", async () => {
    const names = Array.from({ length: 6 }, (_, index) => `fn-${index}`);
    const digests: string[] = [];
    for (const name of names) digests.push(await stage.ready(name, `${CODE} # ${name}`));
    const failed = new Set<string>();
    stage.api.store.onEvent(({ type, object, collection }) => {
      if (type !== "ADDED" || !collection.endsWith("/jobs")) return;
      setTimeout(() => {
        const job = unfinished().find(({ metadata }) => metadata.uid === object.metadata.uid);
        const name = object.metadata.labels?.[LABELS.function] ?? "";
        if (job === undefined) return;
        if (version(name) === 3) return void stage.play.succeed(job);
        failed.add(name);
        stage.play.fail(job, { reason: "OOMKilled", exitCode: 137 });
      }, 10);
    });
    const second = await stage.replica("second", { templateVersion: 2 });
    await stage.until("three to fail", () => failed.size === 3);
    await stage.says([...failed][2] ?? "", "ServiceReady", "EarlierRevisionServes");
    await looks();
    await stage.settled();
    assert.equal(failed.size, 3);
    assert.deepEqual([...failed].map(version), [2, 2, 2]);
    const others = names.filter((name) => !failed.has(name));
    assert.deepEqual(others.map(version), [1, 1, 1]);
    assert.ok(names.every((name, index) => stage.image(name)?.endsWith(digests[index] ?? "-")));
    const { values = [] } =
      (await second.metrics.registry.getSingleMetric("functions_by_refresh")?.get()) ?? {};
    assert.deepEqual(Object.fromEntries(values.map(({ labels, value }) => [labels["standing"], value])), {
      past: 3,
      refreshed: 0,
      failed: 3,
    });

    await stage.replica("third", { templateVersion: 3 });
    await allServed(names, 3);
  });
});
