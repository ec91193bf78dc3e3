import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { LambdaFunction } from "../../../builder/kubernetes/resources";
import { BESIDE_FETCH_MS, STUCK_MS } from "../../../builder/reconcile/controller";
import { ASK_MS } from "../../../builder/registry/transport";
import { FETCH_SECONDS as SECONDS_OF_A_FETCH } from "../../../builder/source/limits";
import { InfrastructureError } from "../../../builder/types";
import { BUILD_NAMESPACE } from "../../../contract/names";
import { fetcherFor } from "../source/support/fetchers";
import { workFolder } from "../source/support/trees";
import { Stage } from "./support/stage";
import type { Replica } from "./support/replica";

/** More than the builder has workers. */
const MANY = 60;
/** The namespace of the slow, beside the stage's own. */
const SLOW = "team-b";
/** Of what is slow nothing comes at all: of the rest all does, as fast as the machine is. */
const MOST_MS = 30_000;
/** Time that a fetch has here. */
const FETCH_SECONDS = 0.3;

describe("a namespace whose sources never come", () => {
  let stage: Stage;
  let replica: Replica;
  /** Ends the reads that wait, by function. */
  let come: Map<string, () => void>;
  beforeEach(async () => {
    stage = await Stage.set();
    come = new Map();
    stage.sources.before = (key) =>
      key.includes("slow") ? new Promise<void>((resolve) => come.set(key, resolve)) : undefined;
    replica = await stage.replica();
  });
  afterEach(async () => {
    stage.sources.before = () => undefined;
    for (const end of come.values()) end();
    await stage.strike();
  });

  const slowKey = (at: number): string => `${SLOW}/slow-${at}`;
  const collection = (): string => stage.collection("lambdafunctions", SLOW);

  /** Many functions, each of which holds its source back. */
  async function applySlow(): Promise<void> {
    for (let at = 0; at < MANY; at += 1)
      stage.api.store.apply(
        collection(),
        {
          metadata: { name: `slow-${at}` },
          spec: {
            source: { type: "git", git: { url: "https://slow.example.com/a.git" } },
            runtime: { language: "python", version: "3.13", handler: "main.handler" },
          },
        },
        "author",
      );
    await stage.until("the slow sources to be asked for", () => come.size === 3);
    // All of them have been looked at.
    await stage.until("nothing but the slow sources", () => {
      const { active, depth } = replica.controller.queue;
      return active === 3 && depth === 0;
    });
  }

  it("keeps nobody else's functions from being built, rolled out and removed", async () => {
    stage.sources.elsewhere.set("team-a/fetched", "def handler(event): return 2\n");
    await applySlow();
    const began = performance.now();
    await stage.ready("quick", "def handler(event): return 1\n");
    // Another, whose source lies elsewhere, gets a place to be fetched.
    const spec = { source: { type: "git", git: { url: "https://quick.example.com/a.git" } } };
    await stage.ready("fetched", "", spec);
    stage.delete("quick");
    await stage.until("the function to be gone", () => stage.fn("quick") === undefined);
    assert.ok(performance.now() - began < MOST_MS, "it takes too long");
    assert.equal(come.size, 3, "the slow have all places but one, and no more");
  });

  it("has each of its own fetched once, and never more than three at a time", async () => {
    await applySlow();
    const { read } = stage.sources;
    for (let at = 0; at < MANY; at += 1) {
      assert.equal(read.length, Math.min(at + 3, MANY));
      const key = read[at] ?? "";
      stage.sources.elsewhere.set(key, `def handler(event): return "${key}"\n`);
      come.get(key)?.();
      if (at + 3 < MANY) await stage.until("the next source", () => come.has(read[at + 3] ?? ""));
    }
    assert.deepEqual([...read].sort(), Array.from({ length: MANY }, (_, at) => slowKey(at)).sort());
  });

  it("passes the turn of a function that is deleted while it waits to the next", async () => {
    await applySlow();
    // Which came first is not known: only who came to a place.
    const [first = "", ...others] = stage.sources.read;
    const waiting = Array.from({ length: MANY }, (_, at) => slowKey(at)).filter(
      (key) => key !== first && !others.includes(key),
    );
    const last = waiting.pop() ?? "";
    const names = waiting.map((key) => key.slice(SLOW.length + 1));
    for (const name of names) stage.api.store.remove(collection(), name);
    const isThere = (name: string) => stage.api.store.get(`${collection()}/${name}`) !== undefined;
    await stage.until("the functions to be gone", () => !names.some(isThere));
    stage.sources.elsewhere.set(first, "def handler(event): return 0\n");
    come.get(first)?.();
    await stage.until("the source of the last to be asked for", () => stage.sources.read.includes(last));
    await sleep(20);
    assert.equal(stage.sources.read.length, 4);
  });

  it("is told by each function that waits, once, and by none that is being fetched", async () => {
    await applySlow();
    const being = [...stage.sources.read];
    const keys = Array.from({ length: MANY }, (_, at) => slowKey(at));
    const waiting = keys.filter((key) => !being.includes(key));
    const statusOf = (key: string) =>
      (stage.api.store.get(`${collection()}/${key.slice(SLOW.length + 1)}`) as unknown as LambdaFunction)
        .status;
    const sourceOf = (key: string) => statusOf(key)?.conditions?.find(({ type }) => type === "SourceReady");
    const writes = () => stage.api.writes("/status").length;
    for (const key of waiting) {
      assert.equal(statusOf(key)?.phase, "Pending");
      assert.equal(sourceOf(key)?.status, "Unknown");
      assert.equal(sourceOf(key)?.reason, "SourceWaitsForPlace");
      assert.match(sourceOf(key)?.message ?? "", /it is fetched when its turn comes$/);
    }
    for (const key of being) assert.equal(statusOf(key), undefined);
    assert.equal(writes(), waiting.length);
    for (const key of keys) replica.look(key);
    await stage.until("nothing but the slow sources", () => replica.controller.queue.depth === 0);
    await sleep(20);
    assert.equal(writes(), waiting.length, "it is written again while nothing has changed");

    const [first = ""] = being;
    stage.sources.elsewhere.set(first, "def handler(event): return 0\n");
    come.get(first)?.();
    await stage.until("the next source", () => stage.sources.read.length === 4);
    const next = stage.sources.read[3] ?? "";
    stage.sources.elsewhere.set(next, "def handler(event): return 4\n");
    come.get(next)?.();
    await stage.until("the next to be read", () => sourceOf(next)?.reason === "SourceRead");
  });

  it("does not hide from a function's author that its source has failed, and why", async () => {
    stage.sources.before = (key) => {
      if (key === "team-a/failing") throw new InfrastructureError("SourceUnreachable", "it doesn't answer");
      return key.includes("slow") ? new Promise<void>((resolve) => come.set(key, resolve)) : undefined;
    };
    stage.apply("failing", "def handler(event): return 1\n");
    await stage.says("failing", "SourceReady", "SourceUnreachable");
    // Its own namespace's sources are slow now: it waits with them.
    for (const name of ["slow-a", "slow-b", "slow-c"]) stage.apply(name, "");
    await stage.until("the slow sources to be asked for", () => come.size === 3);
    const reads = stage.sources.readsOf("team-a/failing");
    replica.look("team-a/failing");
    await sleep(20);
    await stage.until("nothing but the slow sources", () => replica.controller.queue.active === 3);
    assert.equal(stage.sources.readsOf("team-a/failing"), reads);
    assert.equal(stage.condition("failing", "SourceReady")?.reason, "SourceUnreachable");
  });

  it("is told as a wait of the build where the source had been read before", async () => {
    stage.apply("evicted", "def handler(event): return 1\n");
    const job = await stage.job("evicted");
    await stage.says("evicted", "BuildReady", "BuildStarted");
    for (const name of ["slow-a", "slow-b", "slow-c"]) stage.apply(name, "");
    await stage.until("the slow sources to be asked for", () => come.size === 3);
    stage.api.store.remove(`/apis/batch/v1/namespaces/${BUILD_NAMESPACE}/jobs`, job.metadata.name);
    await stage.says("evicted", "BuildReady", "SourceWaitsForPlace");
    assert.equal(stage.fn("evicted")?.status?.phase, "Building");
    assert.equal(stage.condition("evicted", "SourceReady")?.status, "True");
    stage.sources.elsewhere.set("team-a/slow-a", "def handler(event): return 2\n");
    come.get("team-a/slow-a")?.();
    await stage.says("evicted", "BuildReady", "BuildStarted");
  });
});

describe("a source that takes longer than it may", () => {
  const folder = workFolder();
  const sockets = new Set<Socket>();
  let server: Server;
  let stage: Stage;
  before((done) => {
    // Takes every connection, and never says a word.
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
    });
    server.listen(0, "127.0.0.1", done);
  });
  afterEach(async () => {
    await stage.strike();
    for (const socket of sockets) socket.destroy();
  });
  after((done) => void server.close(done));

  it("is named in its function's status and in an Event, and is tried again", async () => {
    stage = await Stage.set();
    const fetcher = fetcherFor(folder(), { limits: { seconds: FETCH_SECONDS } });
    let fetches = 0;
    stage.sources.fetch = (...args: unknown[]) => {
      fetches += 1;
      return fetcher.fetch(...(args as Parameters<typeof fetcher.fetch>));
    };
    const replica = await stage.replica("builder-1", { fetchMs: FETCH_SECONDS * 1000 });
    const { port } = server.address() as AddressInfo;
    const git = { url: `http://127.0.0.1:${port}/a.git` };
    stage.apply("endless", "", { source: { type: "git", git } });
    const { status, message } = await stage.says("endless", "SourceReady", "SourceTimedOut");
    assert.equal(status, "Unknown");
    assert.equal(message, `the source took longer than ${FETCH_SECONDS} s; it is tried again`);
    assert.equal(stage.fn("endless")?.status?.phase, "Pending");
    const said = () => replica.events.filter(({ event }) => event.reason === "SourceTimedOut");
    await stage.until("the Event", () => said().length > 0);
    assert.deepEqual(
      said().map(({ of, event }) => [of, event.note]),
      [["endless", message]],
    );
    await stage.until("another attempt", () => fetches > 1);
  });

  it("is given up before the reconciliation is, and that before the builder counts as stuck", () => {
    const besideMs: number = BESIDE_FETCH_MS;
    const reconcileMs = SECONDS_OF_A_FETCH * 1000 + besideMs;
    const registryMs: number = ASK_MS;
    assert.ok(besideMs >= registryMs + 30_000, "a registry's attempts, too, end before");
    assert.ok(reconcileMs + 60_000 <= STUCK_MS);
  });
});
