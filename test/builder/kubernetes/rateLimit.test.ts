import assert from "node:assert/strict";
import { type Priority, RateLimit } from "../../../builder/kubernetes/rateLimit";
import { until } from "../support/loopback";

describe("the rate limit of requests", () => {
  it("lets a burst through, and then so many a second", async () => {
    const limit = new RateLimit({ perSecond: 100, burst: 5 });
    const started = performance.now();
    const burst = Array.from({ length: 5 }, () => limit.take("normal"));
    assert.equal(limit.depth, 0, "none of them waits");
    await Promise.all(burst);
    await Promise.all(Array.from({ length: 20 }, () => limit.take("normal")));
    const took = performance.now() - started;
    assert.ok(took >= 190, `20 tokens of 100 a second came in ${took} ms`);
  });

  it("serves leases before statuses, statuses before the rest, and a resync last", async () => {
    const limit = new RateLimit({ perSecond: 200, burst: 1 });
    await limit.take("normal");
    const order: Priority[] = [];
    const waiting = (["resync", "normal", "status", "lease", "normal"] as const).map(async (priority) => {
      await limit.take(priority);
      order.push(priority);
    });
    assert.equal(limit.depth, 5);
    await Promise.all(waiting);
    assert.deepEqual(order, ["lease", "status", "normal", "normal", "resync"]);
  });

  it("never lets more through in a second than burst and rate together", async () => {
    let now = 0;
    const end = new AbortController();
    const limit = new RateLimit({ perSecond: 10, burst: 3, now: () => now });
    let served = 0;
    const take = (): void => {
      limit.take("normal", end.signal).then(
        () => (served += 1),
        () => undefined,
      );
    };
    for (let index = 0; index < 50; index += 1) take();
    await until("the burst", () => served === 3);
    // A long pause saves up the burst and no more.
    now = 60_000;
    take();
    await until("another burst", () => served === 6);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(served, 6);
    end.abort();
    assert.equal(limit.depth, 0);
  });

  it("gives a place up without a token when its signal aborts", async () => {
    const limit = new RateLimit({ perSecond: 50, burst: 1 });
    await limit.take("normal");
    const controller = new AbortController();
    const given = limit.take("lease", controller.signal);
    const next = limit.take("normal");
    controller.abort(new Error("enough"));
    await assert.rejects(given, /enough/);
    assert.equal(limit.depth, 1);
    await next;
    await assert.rejects(limit.take("normal", controller.signal), /enough/);
  });
});
