import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../../../builder/kubernetes/apiError";
import { WorkQueue, type WorkQueueArgs } from "../../../builder/kubernetes/workQueue";
import { until } from "../support/loopback";

describe("the work queue", () => {
  let stop: AbortController;
  let ended: Promise<void>;
  let done: string[];
  let failed: string[];
  beforeEach(() => {
    stop = new AbortController();
    done = [];
    failed = [];
    ended = Promise.resolve();
  });
  afterEach(async () => {
    stop.abort();
    await ended;
  });

  function start(args: Partial<WorkQueueArgs> & Pick<WorkQueueArgs, "reconcile">): WorkQueue {
    const queue = new WorkQueue({
      workers: 2,
      backOff: { baseMs: 10, capMs: 40 },
      onFailure: (key, error, failures) => failed.push(`${key} ${failures} ${(error as Error).message}`),
      random: () => 0.5,
      ...args,
    });
    ended = queue.run(stop.signal);
    return queue;
  }

  /** Reconciliations that end when the test says so. */
  function gate() {
    const open: (() => void)[] = [];
    const running: string[] = [];
    return {
      running,
      pass: () => open.shift()?.(),
      reconcile: async (key: string) => {
        running.push(key);
        await new Promise<void>((resolve) => open.push(resolve));
        done.push(key);
        return undefined;
      },
    };
  }

  it("looks at a key once, however often it was added while it waited", async () => {
    const { reconcile, pass, running } = gate();
    const queue = start({ workers: 1, reconcile });
    for (let index = 0; index < 50; index += 1) queue.add("a");
    queue.add("b");
    for (let index = 0; index < 50; index += 1) queue.add("b");
    assert.equal(queue.depth, 1);
    pass();
    await until("b begun", () => running.includes("b"));
    // 49 of the 50 were added while the first was worked on: they are one more look.
    pass();
    await until("a again", () => running.length === 3);
    pass();
    await until("all done", () => done.length === 3);
    await sleep(20);
    assert.deepEqual(done, ["a", "b", "a"]);
  });

  it("never works on one key twice at a time, and on different keys at once", async () => {
    const { reconcile, pass, running } = gate();
    const queue = start({ workers: 3, reconcile });
    queue.add("a");
    queue.add("a");
    queue.add("b");
    assert.deepEqual(running, ["a", "b"]);
    assert.equal(queue.active, 2);
    pass();
    pass();
    await until("a again", () => running.length === 3);
    pass();
    await until("all done", () => done.length === 3);
  });

  it("takes a resync only when nothing else waits, and no key twice for it", async () => {
    const { reconcile, pass, running } = gate();
    const queue = start({ workers: 1, reconcile });
    queue.add("first");
    queue.add("old", "resync");
    queue.add("both", "resync");
    queue.add("both");
    queue.add("new");
    for (let index = 0; index < 4; index += 1) {
      await until("the next", () => running.length === index + 1);
      pass();
    }
    await until("all done", () => done.length === 4);
    assert.deepEqual(done, ["first", "both", "new", "old"]);
  });

  it("tries a failure again after a back-off that grows, and forgets it after a success", async () => {
    const at: number[] = [];
    const queue = start({
      reconcile: () => {
        at.push(performance.now());
        return at.length < 4 ? Promise.reject(new Error("no")) : Promise.resolve(undefined);
      },
    });
    queue.add("a");
    await until("success", () => at.length === 4);
    assert.deepEqual(failed, ["a 1 no", "a 2 no", "a 3 no"]);
    const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    assert.ok((waits[0] ?? 0) >= 6 && (waits[1] ?? 0) >= 14 && (waits[2] ?? 0) >= 29, waits.join());
    await sleep(60);
    assert.equal(at.length, 4);
  });

  it("waits as long as the API server asks", async () => {
    const at: number[] = [];
    const queue = start({
      reconcile: () => {
        at.push(performance.now());
        return at.length === 1
          ? Promise.reject(new ApiError(429, "TooManyRequests", "later", 150))
          : Promise.resolve(undefined);
      },
    });
    queue.add("a");
    await until("the second", () => at.length === 2);
    assert.ok((at[1] ?? 0) - (at[0] ?? 0) >= 149);
  });

  it("looks again when a reconciliation asks for it, at the earliest of the times asked for", async () => {
    let looks = 0;
    const queue = start({
      reconcile: () => Promise.resolve(++looks === 1 ? { againAfterMs: 5_000 } : undefined),
    });
    queue.add("a");
    await until("the first", () => looks === 1);
    queue.addAfter("a", 20);
    queue.addAfter("a", 10_000);
    await until("the second", () => looks === 2);
    assert.equal(looks, 2);
  });

  it("drops what waits for a forgotten key", async () => {
    const { reconcile, pass, running } = gate();
    const queue = start({ workers: 1, reconcile });
    queue.add("a");
    queue.add("b");
    queue.addAfter("c", 10);
    queue.forget("b");
    queue.forget("c");
    pass();
    await sleep(40);
    assert.deepEqual(running, ["a"]);
  });

  it("ends a reconciliation that takes too long, and counts it as a failure", async () => {
    const queue = start({
      timeoutMs: 20,
      reconcile: (_key, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
        }),
    });
    queue.add("a");
    await until("the failure", () => failed.length > 0);
    assert.match(failed[0] ?? "", /^a 1 no end within 20 ms/);
  });

  it("says when a reconciliation has ended, however it did, before the key is looked at again", async () => {
    const said: string[] = [];
    const queue = start({
      workers: 1,
      reconcile: (key) => {
        said.push(`begun ${key}`);
        // Added while it is worked on.
        if (said.length === 1) queue.add(key);
        return key === "bad" ? Promise.reject(new Error("no")) : Promise.resolve(undefined);
      },
      backOff: { baseMs: 10_000, capMs: 10_000 },
      onEnd: (key) => said.push(`ended ${key}`),
    });
    queue.add("good");
    queue.add("bad");
    await until("all done", () => said.length === 6);
    assert.deepEqual(said, [
      "begun good",
      "ended good",
      "begun bad",
      "ended bad",
      "begun good",
      "ended good",
    ]);
  });

  it("lets what it has begun end when it stops, and begins nothing more", async () => {
    const { reconcile, pass, running } = gate();
    const queue = start({ workers: 1, reconcile });
    queue.add("a");
    queue.add("b");
    stop.abort();
    setTimeout(pass, 30);
    await ended;
    assert.deepEqual(done, ["a"]);
    queue.add("c");
    assert.deepEqual(running, ["a"]);
  });

  it("ends by force what does not end within the grace time", async () => {
    let aborted = false;
    const queue = start({
      graceMs: 20,
      reconcile: (_key, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            aborted = true;
            resolve(undefined);
          });
        }),
    });
    queue.add("a");
    stop.abort();
    await ended;
    assert.ok(aborted);
  });
});
