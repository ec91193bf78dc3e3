import assert from "node:assert/strict";
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
});
