import assert from "node:assert/strict";
import { LiveLeases } from "../../../builder/kubernetes/liveLeases";
import type { Lease } from "../../../builder/kubernetes/resources";
import { Ownership, type OwnershipArgs } from "../../../builder/kubernetes/ownership";
import { FakeApi } from "../support/fakeApi";
import { until } from "../support/loopback";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/system/leases";

describe("which Leases are live", () => {
  it("goes by when renewals are seen, never by the time that a holder writes", () => {
    let now = 0;
    const leases = new LiveLeases(() => now);
    leases.observe("five-minutes-ahead", "2030-01-01T00:05:00Z", 6_000);
    leases.observe("right", "2030-01-01T00:00:00Z", 6_000);
    now = 5_000;
    // Seen again, but not renewed: it does not live longer for that.
    leases.observe("right", "2030-01-01T00:00:00Z", 6_000);
    leases.observe("five-minutes-ahead", "2030-01-01T00:05:05Z", 6_000);
    now = 6_000;
    assert.deepEqual(leases.live(), ["five-minutes-ahead"]);
    assert.deepEqual(leases.dead(60_000), []);
    now = 66_000;
    assert.deepEqual(leases.dead(60_000), ["right"]);
    leases.remove("right");
    assert.deepEqual(leases.dead(60_000), []);
  });
});

describe("ownership", () => {
  let api: FakeApi;
  const running: { stop: AbortController; ended: Promise<void> }[] = [];
  beforeEach(async () => {
    api = await FakeApi.start();
  });
  afterEach(async () => {
    for (const { stop } of running) stop.abort();
    await Promise.all(running.map(({ ended }) => ended));
    running.length = 0;
    await api.close();
  });

  function join(identity: string, args: Partial<OwnershipArgs> = {}) {
    const ownership = new Ownership({
      client: api.client({ retries: 0 }),
      namespace: "system",
      identity,
      labels: { app: "builder" },
      // Longer than a busy machine stands still. Tests of a Lease that ends have one of their own.
      leaseSeconds: 30,
      renewMs: 100,
      ...args,
    });
    const stop = new AbortController();
    const ended = ownership.run(stop.signal);
    running.push({ stop, ended });
    return { ownership, stop, ended };
  }
  const members = (replica: { ownership: Ownership }): string => replica.ownership.members.join();
  const keys = Array.from({ length: 200 }, (_, index) => `n/f${index}`);

  it("gives each key one home among the replicas that are live", async () => {
    const replicas = ["a", "b", "c"].map((identity) => join(identity));
    await until("all know all", () => replicas.every((replica) => members(replica) === "a,b,c"));
    for (const key of keys)
      assert.equal(replicas.filter(({ ownership }) => ownership.owns(key)).length, 1, key);
    assert.ok(replicas.every(({ ownership }) => keys.filter((key) => ownership.owns(key)).length > 40));
  });

  it("leaves what a higher template version has worked on to replicas of that version, as long as there are any", async () => {
    const first = join("a");
    const second = join("b", { templateVersion: 2 });
    await until("both", () => members(first) === "a,b" && members(second) === "a,b");
    assert.deepEqual([first.ownership.laterLives, second.ownership.laterLives], [true, false]);
    for (const key of keys) {
      assert.equal(first.ownership.ownerOf(key), second.ownership.ownerOf(key));
      for (const { ownership } of [first, second]) assert.equal(ownership.ownerOf(key, 2), "b");
    }
    second.stop.abort();
    await second.ended;
    await until("the first alone", () => members(first) === "a");
    assert.ok(keys.every((key) => first.ownership.owns(key, 2)));
    assert.equal(first.ownership.laterLives, false);
  });

  it("owns nothing before its own Lease is there", () => {
    const { ownership } = join("a");
    assert.deepEqual(ownership.members, []);
    assert.equal(ownership.owns("n/f"), false);
  });

  it("hands over at once when a replica stops, and leaves no Lease", async () => {
    const [a, b] = [join("a"), join("b")];
    await until("both", () => members(a) === "a,b" && members(b) === "a,b");
    b.stop.abort();
    await b.ended;
    // Long before b's Lease would have ended.
    await until("a alone", () => members(a) === "a");
    assert.ok(keys.every((key) => a.ownership.owns(key)));
    assert.deepEqual([...api.objects.keys()], [`${LEASES}/a`]);
  });

  it("takes over from a replica that died, when its Lease has ended, and says so", async () => {
    const changes: string[] = [];
    const a = join("a");
    a.ownership.onChange((now) => changes.push(now.join()));
    const lease = {
      holderIdentity: "dead",
      leaseDurationSeconds: 1,
      renewTime: "2030-01-01T00:00:00.000000Z",
    };
    api.put(LEASES, { metadata: { namespace: "system", name: "dead" }, spec: lease } as Lease);
    await until("both", () => members(a) === "a,dead");
    await until("a alone", () => members(a) === "a");
    await until("it is said", () => changes.at(-1) === "a");
    assert.ok(changes.includes("a,dead"));
  });

  it("owns nothing once it can't renew its Lease for as long as it lasts", async () => {
    const a = join("a", { leaseSeconds: 0.5 });
    await until("a", () => members(a) === "a");
    api.intercept = ({ method }) => (method === "PATCH" ? { code: 500 } : undefined);
    await until("nobody", () => members(a) === "");
    assert.equal(a.ownership.ownerOf("n/f"), undefined);
    api.intercept = () => undefined;
    await until("a again", () => members(a) === "a");
  });

  it("owns nothing when it wakes up after a pause, until it has renewed", async () => {
    let paused = 0;
    const a = join("a", { now: () => performance.now() + paused });
    await until("a", () => members(a) === "a");
    api.intercept = ({ method }) => (method === "PATCH" ? "hang" : undefined);
    paused = 40_000;
    assert.equal(a.ownership.owns("n/f"), false);
  });

  it("deletes the Lease of a replica that has been gone for a minute, and of no other", async () => {
    let later = 0;
    const a = join("a", { now: () => performance.now() + later });
    const lease = {
      holderIdentity: "dead",
      leaseDurationSeconds: 6,
      renewTime: "2030-01-01T00:00:00.000000Z",
    };
    api.put(LEASES, { metadata: { namespace: "system", name: "dead" }, spec: lease } as Lease);
    await until("both", () => members(a) === "a,dead");
    later = 50_000;
    await until("a alone", () => members(a) === "a");
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.ok(api.objects.has(`${LEASES}/dead`), "50 s are no minute");
    later = 70_000;
    await until("the Lease is gone", () => !api.objects.has(`${LEASES}/dead`));
    const [asked] = api.askedFor("DELETE");
    assert.deepEqual(Object.keys((asked?.body as { preconditions: object }).preconditions), [
      "uid",
      "resourceVersion",
    ]);
  });
});
