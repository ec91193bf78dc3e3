import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../../builder/log";
import { Reflector, type ReflectorArgs } from "../../../builder/kubernetes/reflector";
import { CONFIG_MAPS } from "../../../builder/kubernetes/resources";
import { FakeApi } from "../support/fakeApi";
import { until } from "../support/loopback";

const ALL = "/api/v1/configmaps";
const map = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { namespace: "n", name, labels },
});
type Args = ReflectorArgs<{ metadata: { namespace: string; name: string } } & object>;

describe("the reflector", () => {
  let api: FakeApi;
  let stop: AbortController;
  let ended: Promise<void>;
  let seen: string[];
  let logged: string[];
  const note = (fields: object, message: string): void => {
    logged.push(`${message}: ${String((fields as { err?: Error }).err?.message)}`);
  };
  const log: Log = { debug: note, info: note, warn: note, error: note };

  beforeEach(async () => {
    api = await FakeApi.start();
    stop = new AbortController();
    seen = [];
    logged = [];
    ended = Promise.resolve();
  });
  afterEach(async () => {
    stop.abort();
    await ended;
    await api.close();
  });

  async function start(args: Partial<Omit<Args, "client" | "resource">> = {}) {
    const reflector = new Reflector({
      client: api.client({ retries: 0 }),
      resource: CONFIG_MAPS,
      resyncMs: 0,
      log,
      random: () => 0,
      ...(args as object),
    });
    reflector.onChange((change) => seen.push(`${change.type} ${change.object.metadata.name}`));
    ended = reflector.run(stop.signal);
    await reflector.synced(stop.signal);
    await until("a watch", () => api.watching === 1);
    return reflector;
  }
  const sees = (change: string): Promise<void> =>
    until(`${change} in ${seen.join()}`, () => seen.at(-1) === change);

  it("lists page by page, then follows changes from where the list ended", async () => {
    for (let index = 0; index < 5; index += 1) api.put(ALL, map(`m${index}`));
    const reflector = await start({ pageSize: 2 });
    assert.equal(reflector.store.size, 5);
    assert.deepEqual(
      api.asked.map(({ query }) => query.get("continue") ?? query.get("resourceVersion")),
      [null, "2", "4", String(api.objects.get(`${ALL}/m4`)?.metadata.resourceVersion)],
    );
    api.put(ALL, map("m1"));
    api.put(ALL, map("new"));
    api.remove(ALL, "m0");
    await sees("deleted m0");
    assert.deepEqual(seen.slice(5), ["updated m1", "added new", "deleted m0"]);
    assert.equal(reflector.store.get("n/m0"), undefined);
    assert.equal(reflector.store.size, 5);
  });

  it("asks for bookmarks, and begins the next watch at the last of them", async () => {
    await start();
    assert.equal(api.asked[1]?.query.get("allowWatchBookmarks"), "true");
    api.inject(
      `${JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: "4711" } } })}\n`,
    );
    await sleep(20);
    api.endWatches();
    await until("the next watch", () => api.asked.length === 3);
    assert.equal(api.asked[2]?.query.get("resourceVersion"), "4711");
    assert.deepEqual(seen, []);
  });

  it("reads events however they are cut, and more than one at a time", async () => {
    await start();
    const line = (name: string): string => `${JSON.stringify({ type: "ADDED", object: map(name) })}\n`;
    // Cut within the "ä", which is two bytes.
    for (const byte of Buffer.from(line("ä"))) {
      api.inject(Buffer.of(byte));
      await sleep(1);
    }
    await sees("added ä");
    api.inject(line("one") + line("two"));
    await sees("added two");
  });

  it("keeps neither managedFields nor what is trimmed, and names kind and version itself", async () => {
    api.put(ALL, { ...map("m"), data: { big: "x".repeat(1000) } } as never);
    const reflector = await start({ trim: ({ metadata, ...rest }) => ({ ...rest, metadata, data: {} }) });
    const kept = reflector.store.get("n/m");
    assert.deepEqual(Object.keys(kept?.metadata ?? {}).sort(), [
      "labels",
      "name",
      "namespace",
      "resourceVersion",
      "uid",
    ]);
    assert.equal(kept?.kind, "ConfigMap");
    assert.equal(kept.apiVersion, "v1");
    assert.deepEqual(kept.data, {});
  });

  it("lists again where its version is no longer kept, and tells only what is different", async () => {
    api.put(ALL, map("same"));
    api.put(ALL, map("changed"));
    api.put(ALL, map("gone"));
    const reflector = await start();
    const same = reflector.store.get("n/same");
    api.blackHole = true;
    api.put(ALL, map("changed"));
    api.remove(ALL, "gone");
    api.put(ALL, map("new"));
    api.blackHole = false;
    api.compact();
    seen.length = 0;
    api.endWatches();
    await sees("added new");
    assert.deepEqual(seen, ["deleted gone", "updated changed", "added new"]);
    assert.equal(reflector.store.get("n/same"), same, "no second copy of what has not changed");
    assert.ok(logged.some((line) => /^list again: WATCH .*: 410/.test(line)));
  });

  it("misses nothing of what happens while the API server is gone", async () => {
    api.put(ALL, map("before"));
    const reflector = await start();
    await api.restart(() => {
      api.put(ALL, map("meanwhile"));
      api.remove(ALL, "before");
      return sleep(50);
    });
    await sees("deleted before");
    assert.deepEqual(seen, ["added before", "added meanwhile", "deleted before"]);
    assert.equal(reflector.store.size, 1);
    assert.equal(
      api.askedFor("GET", ALL).filter(({ query }) => !query.has("watch")).length,
      1,
      "one list only",
    );
  });

  it("notices a connection whose other end is gone", async () => {
    const reflector = await start({ watchSeconds: 1, graceMs: 50 });
    api.blackHole = true;
    api.put(ALL, map("unseen"));
    await until("another watch", () => api.asked.length >= 3);
    api.blackHole = false;
    await sees("added unseen");
    assert.ok(reflector.silentMs < 1_000);
    assert.ok(logged.some((line) => /WATCH .*: silent for 1050 ms/.test(line)));
  });

  it("backs off from a server that fails, and does as it is told for how long", async () => {
    const at: number[] = [];
    api.intercept = () => {
      at.push(performance.now());
      return at.length === 1
        ? { code: 429, headers: { "retry-after": "1" } }
        : at.length < 4
          ? { code: 500 }
          : undefined;
    };
    const reflector = await start();
    assert.ok(reflector.hasSynced);
    const waits = at.slice(1, 4).map((time, index) => time - (at[index] ?? 0));
    assert.ok((waits[0] ?? 0) >= 999, "Retry-After");
    assert.ok((waits[1] ?? 0) >= 190 && (waits[2] ?? 0) >= 390, waits.join());
  });

  it("does not spin on watches that end at once", async () => {
    await start();
    const before = api.asked.length;
    const ending = setInterval(() => {
      api.endWatches();
    }, 1);
    await sleep(500);
    clearInterval(ending);
    assert.ok(api.asked.length - before <= 4, `${api.asked.length - before} watches in half a second`);
  });

  it("watches again after a line that is no JSON, and after an error of the server", async () => {
    await start();
    api.inject("{half a li\n");
    await until("the second watch", () => api.asked.length === 3);
    await until("it is open", () => api.watching === 1);
    const status = { kind: "Status", code: 500, message: "etcd event received with no type" };
    api.inject(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
    await until("the third watch", () => api.asked.length === 4);
    api.put(ALL, map("after"));
    await sees("added after");
    assert.equal(logged.length, 2);
  });

  it("goes on when a handler of changes fails", async () => {
    const reflector = await start();
    reflector.onChange(() => {
      throw new Error("broken handler");
    });
    api.put(ALL, map("a"));
    api.put(ALL, map("b"));
    await sees("added b");
    await until("it is logged", () => logged.filter((line) => line.includes("broken handler")).length === 2);
    assert.equal(api.watching, 1);
  });

  it("says resync of every object once in a while, a portion at a time", async () => {
    for (let index = 0; index < 250; index += 1) api.put(ALL, map(`m${index}`));
    await start({ resyncMs: 600 });
    const began = performance.now();
    const count = () => new Set(seen.filter((change) => change.startsWith("resync "))).size;
    await until("the first portions", () => count() > 0);
    assert.ok(count() < 125, "not all at once");
    await until("every object", () => count() === 250);
    const repeated = seen.filter((change) => change.startsWith("resync ")).length;
    assert.ok(performance.now() - began >= 500);
    assert.ok(repeated < 270, `${repeated} resyncs of 250 objects`);
  });

  it("finds objects by what its indexes say, as they come, change and go", async () => {
    const reflector = await start({
      indexes: {
        team: (object: object) => [(object as ReturnType<typeof map>).metadata.labels["team"] ?? ""],
      },
    });
    const names = (team: string) => reflector.store.by("team", team).map(({ metadata }) => metadata.name);
    api.put(ALL, map("a", { team: "x" }));
    api.put(ALL, map("b", { team: "x" }));
    await sees("added b");
    assert.deepEqual(names("x"), ["a", "b"]);
    api.put(ALL, map("a", { team: "y" }));
    api.remove(ALL, "b");
    await sees("deleted b");
    assert.deepEqual([names("x"), names("y")], [[], ["a"]]);
    assert.throws(() => reflector.store.by("colour", "x"), /there is no index colour/);
  });

  it("ends at once when it is stopped, and leaves no watch open", async () => {
    await start();
    stop.abort();
    await ended;
    await until("the watch is closed", () => api.watching === 0);
  });
});
