import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { EventRecorder, type EventRecorderArgs, type ObjectEvent } from "../../../builder/kubernetes/events";
import type { ApiObject } from "../../../builder/kubernetes/objects";
import type { EventObject } from "../../../builder/kubernetes/resources";
import { FakeApi } from "../support/fakeApi";
import { until } from "../support/loopback";

const EVENTS = "/apis/events.k8s.io/v1/namespaces/n/events";
const of: ApiObject = {
  apiVersion: "lambda.knative.io/v1alpha1",
  kind: "LambdaFunction",
  metadata: { namespace: "n", name: "f", uid: "u", resourceVersion: "7" },
};
const started: ObjectEvent = {
  type: "Normal",
  reason: "BuildStarted",
  action: "Build",
  note: "Job build-f-1",
};

describe("Kubernetes Events", () => {
  let api: FakeApi;
  const running: { stop: AbortController; ended: Promise<void> }[] = [];
  beforeEach(async () => {
    api = await FakeApi.start();
  });
  afterEach(async () => {
    await stopAll();
    await api.close();
  });
  async function stopAll(): Promise<void> {
    for (const { stop } of running) stop.abort();
    await Promise.all(running.map(({ ended }) => ended));
    running.length = 0;
  }

  function recorder(args: Partial<EventRecorderArgs> = {}): EventRecorder {
    const events = new EventRecorder({
      client: api.client({ retries: 0 }),
      identity: "builder-1",
      lookMs: 20,
      ...args,
    });
    const stop = new AbortController();
    running.push({ stop, ended: events.run(stop.signal) });
    return events;
  }
  const written = (): EventObject[] => [...api.objects.values()] as EventObject[];

  it("name the object, what was done and who did it", async () => {
    recorder({ now: () => new Date("2030-01-02T03:04:05.678Z") }).record(of, started);
    await until("the event", () => api.objects.size === 1);
    const [event] = written();
    assert.match(event?.metadata.name ?? "", /^f\.[0-9a-f]{16}$/);
    const { metadata, ...rest } = event as EventObject;
    assert.equal(metadata.namespace, "n");
    assert.deepEqual(rest, {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      ...started,
      eventTime: "2030-01-02T03:04:05.678000Z",
      reportingController: "knative-lambda-builder",
      reportingInstance: "builder-1",
      regarding: {
        apiVersion: "lambda.knative.io/v1alpha1",
        kind: "LambdaFunction",
        namespace: "n",
        name: "f",
        uid: "u",
        resourceVersion: "7",
      },
    });
  });

  it("are one Event with a count, however often the same happens", async () => {
    const events = recorder({ everyMs: 0 });
    events.record(of, started);
    await until("the event", () => api.objects.size === 1);
    for (let index = 0; index < 20; index += 1) events.record(of, started);
    await until("the count", () => written()[0]?.series?.count === 21);
    events.record(of, { ...started, note: "Job build-f-2" });
    await until("another", () => api.objects.size === 2);
    assert.equal(api.askedFor("PATCH").length, 1, "one write for twenty");
  });

  it("are written once in a while only, and what waits is written at the end", async () => {
    const events = recorder({ everyMs: 60_000 });
    events.record(of, started);
    await until("the event", () => api.objects.size === 1);
    events.record(of, started);
    await new Promise((resolve) => setTimeout(resolve, 80));
    assert.equal(written()[0]?.series, undefined);
    await stopAll();
    assert.equal(written()[0]?.series?.count, 2);
  });

  it("are the same Event when two replicas write them, and made anew when the server has forgotten them", async () => {
    const [one, two] = [recorder({ everyMs: 0 }), recorder({ everyMs: 0, identity: "builder-2" })];
    one.record(of, started);
    await until("the event", () => api.objects.size === 1);
    two.record(of, started);
    await until("the count", () => written()[0]?.series?.count === 2);
    assert.equal(api.objects.size, 1);
    api.remove(EVENTS, written()[0]?.metadata.name ?? "");
    one.record(of, started);
    await until("it is there again", () => api.objects.size === 1);
  });

  it("hold as much of a note as the API takes, cut between characters", async () => {
    recorder().record(of, { ...started, note: `a${"ä".repeat(1_000)}` });
    await until("the event", () => api.objects.size === 1);
    const note = written()[0]?.note ?? "";
    assert.ok(Buffer.byteLength(note) <= 1024 && Buffer.byteLength(note) > 1020);
    assert.match(note, /^aä+…$/);
  });

  it("cost nothing but themselves where they can't be written, and never pile up", async () => {
    const warned: string[] = [];
    const note = (_fields: object, message: string): void => {
      warned.push(message);
    };
    api.intercept = () => ({ code: 403, body: { message: "forbidden" } });
    const events = recorder({ most: 5, log: { debug: note, info: note, warn: note, error: note } });
    for (let index = 0; index < 8; index += 1) events.record(of, { ...started, note: String(index) });
    await stopAll();
    assert.equal(api.askedFor("POST").length, 5);
    assert.ok(warned.includes("events were dropped: too many wait to be written"));
    assert.ok(warned.includes("an event was not written"));
  });

  it("keep nothing of a function but what names it: neither its spec nor its code", async () => {
    const events = recorder();
    // Of a call of its own, so that nothing but the recorder can still hold it.
    const gone = (() => {
      const spec = { source: { inline: { code: "x".repeat(1_000_000) } } };
      const metadata = { ...of.metadata, annotations: { a: "b" } };
      events.record({ ...of, metadata, spec } as ApiObject, started);
      return [new WeakRef(spec), new WeakRef(metadata)];
    })();
    await until("the event", () => api.objects.size === 1);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (let times = 0; times < 10 && gone.some((one) => one.deref() !== undefined); times += 1) {
      await turn();
      collect();
    }
    assert.deepEqual(
      gone.map((one) => one.deref() === undefined),
      [true, true],
    );
    events.record(of, started);
    await stopAll();
    assert.equal(written()[0]?.series?.count, 2, "it is still known by its name");
  });

  it("are remembered up to a number, and that one is forgotten first which was not seen for longest", async () => {
    const events = recorder({ everyMs: 0, mostKnown: 3 });
    const say = async (note: string, posts: number, patches: number): Promise<void> => {
      events.record(of, { ...started, note });
      await until(
        note,
        () => api.askedFor("POST").length === posts && api.askedFor("PATCH").length === patches,
      );
    };
    await say("a", 1, 0);
    await say("b", 2, 0);
    await say("c", 3, 0);
    await say("a", 3, 1);
    await say("d", 4, 1);
    await say("a", 4, 2);
    await say("c", 4, 3);
    // No longer known: it is made anew, which is answered that it is there.
    await say("b", 5, 4);
    assert.equal(api.objects.size, 4);
  });

  it("that wait to be written are not forgotten, however many are known", async () => {
    const events = recorder({ mostKnown: 2, lookMs: 60_000 });
    await turn();
    for (const note of ["a", "b", "c", "d", "a", "b", "c", "d"]) events.record(of, { ...started, note });
    await stopAll();
    assert.deepEqual(
      written().map(({ note, series }) => [note, series?.count]),
      [
        ["a", 2],
        ["b", 2],
        ["c", 2],
        ["d", 2],
      ],
    );
  });
});
