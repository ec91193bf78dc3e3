import assert from "node:assert/strict";
import { FunctionStore, type Taken } from "../../../builder/intake/functionStore";
import { Refusal } from "../../../builder/intake/refusal";
import type { Change } from "../../../builder/intake/request";
import type { LambdaFunction } from "../../../builder/kubernetes/resources";
import { readCommand } from "../../../contract/annotations";
import { FakeApi } from "../support/fakeApi";
import { FUNCTIONS_PATH, inlineSpec, NAMESPACE } from "./support/clusterOfRights";

const COLLECTION = `${FUNCTIONS_PATH}/${NAMESPACE}/lambdafunctions`;
const KEY = { namespace: NAMESPACE, name: "fn" };
const signal = new AbortController().signal;

const upsert = (code = "1", more: object = {}): Change => ({
  kind: "upsert",
  spec: inlineSpec(code),
  labels: undefined,
  annotations: undefined,
  ...more,
});
const taken = (id: string): Taken => ({
  id,
  fingerprint: `f-${id}`,
  correlationId: `c-${id}`,
  traceparent: undefined,
});

describe("FunctionStore", () => {
  let api: FakeApi;
  let store: FunctionStore;

  beforeEach(async () => {
    api = await FakeApi.start();
    store = new FunctionStore(api.client(), () => new Date("2026-11-25T00:00:00Z"));
  });

  afterEach(() => api.close());

  const stored = (): LambdaFunction => api.objects.get(`${COLLECTION}/fn`) as LambdaFunction;
  const events = (): unknown =>
    JSON.parse(stored().metadata.annotations?.["lambda.knative.io/events"] ?? "null") as unknown;
  const writes = (): number => api.asked.filter(({ method }) => method !== "GET").length;
  const take = (change: Change, id: string, by = store) => by.store(KEY, change, taken(id), signal);

  it("creates a function exactly as the event has it, with the event's mark", async () => {
    const change = upsert("1", { labels: { team: "a" }, annotations: { "x.y/z": "1" } });
    assert.equal(await take(change, "1"), "created");
    assert.deepEqual(stored().spec, inlineSpec("1"));
    assert.deepEqual(stored().metadata.labels, { team: "a" });
    assert.deepEqual(stored().metadata.annotations, {
      "x.y/z": "1",
      "lambda.knative.io/events": '["f-1"]',
      "lambda.knative.io/correlation-id": "c-1",
    });
  });

  it("applies a later event to the very version that it has seen, as an owner of its own", async () => {
    await take(upsert("1"), "1");
    const { uid, resourceVersion } = stored().metadata;
    assert.equal(await take(upsert("2"), "2"), "updated");
    const [apply] = api.askedFor("PATCH");
    assert.equal(apply?.headers["content-type"], "application/apply-patch+yaml");
    assert.equal(apply.query.get("fieldManager"), "knative-lambda-events");
    const { metadata } = apply.body as LambdaFunction;
    assert.deepEqual([metadata.uid, metadata.resourceVersion], [uid, resourceVersion]);
    assert.deepEqual(events(), ["f-1", "f-2"]);
  });

  it("takes the same event once, however often and at however many replicas it comes", async () => {
    const others = [store, new FunctionStore(api.client()), new FunctionStore(api.client())];
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => take(upsert(), "1", others[index % 3] ?? store)),
    );
    assert.equal(outcomes.filter((outcome) => outcome !== "repeated").length, 1);
    assert.ok(writes() <= 3, "each replica tries once at most");
    assert.deepEqual(events(), ["f-1"]);
    assert.equal(await take(upsert("other"), "1", new FunctionStore(api.client())), "repeated");
    assert.deepEqual(stored().spec, inlineSpec("1"));
  });

  it("keeps the last 20 events", async () => {
    for (let index = 1; index <= 25; index += 1) await take(upsert(String(index)), String(index));
    assert.deepEqual(
      events(),
      Array.from({ length: 20 }, (_, index) => `f-${index + 6}`),
    );
  });

  it("loses none of many different events at once, at two replicas", async () => {
    const other = new FunctionStore(api.client());
    const command: Change = { kind: "command", command: "build.start" };
    await take(upsert(), "0");
    await Promise.all(
      Array.from({ length: 15 }, (_, index) =>
        take(index % 3 ? upsert(String(index)) : command, String(index + 1), index % 2 ? other : store),
      ),
    );
    assert.equal((events() as string[]).length, 16);
  });

  it("gives a command as an annotation with the event's id and the generation, and leaves the spec alone", async () => {
    api.put(COLLECTION, { metadata: { ...KEY, generation: 7 }, spec: inlineSpec() } as LambdaFunction);
    assert.equal(await take({ kind: "command", command: "build.retry" }, "1"), "commanded");
    assert.deepEqual(readCommand(stored().metadata.annotations, "build.retry"), {
      id: "1",
      generation: 7,
      at: "2026-11-25T00:00:00.000Z",
    });
    assert.deepEqual(events(), ["f-1"]);
    const [merge] = api.askedFor("PATCH");
    // An apply by the owner of the spec would take the spec away, one by the owner of commands would keep it from no-one.
    assert.equal(merge?.query.get("fieldManager"), "knative-lambda-commands");
    assert.deepEqual(Object.keys(merge.body as object), ["metadata"]);
  });

  it("looks again where somebody has written between its look and its write", async () => {
    for (const change of [upsert("2"), { kind: "command", command: "build.start" } satisfies Change]) {
      await take(upsert("1"), `${change.kind}-1`);
      let between = true;
      api.intercept = ({ method }) => {
        if (method !== "PATCH" || !between) return undefined;
        between = false;
        const { metadata, ...rest } = structuredClone(stored());
        const annotations = { ...metadata.annotations, "lambda.knative.io/events": '["f-between"]' };
        api.put(COLLECTION, { ...rest, metadata: { ...metadata, annotations } });
        return undefined;
      };
      await take(change, `${change.kind}-2`);
      assert.deepEqual(events(), ["f-between", `f-${change.kind}-2`]);
    }
  });

  it("gives no command to a function that isn't there", async () => {
    await assert.rejects(
      take({ kind: "command", command: "build.start" }, "1"),
      (error) => error instanceof Refusal && error.status === 400 && /team-a\/fn/.test(error.message),
    );
    assert.equal(writes(), 0);
  });

  it("makes a parser once, then gives it the command and keeps its spec", async () => {
    const ensure: Change = { kind: "ensure", spec: inlineSpec("default"), command: "build.start" };
    assert.equal(await take(ensure, "1"), "created");
    await take(upsert("own"), "2");
    assert.equal(await take(ensure, "3"), "commanded");
    assert.deepEqual(stored().spec, inlineSpec("own"));
    const before = writes();
    assert.equal(await take({ ...ensure, command: undefined }, "4"), "present");
    assert.equal(writes(), before);
  });

  it("deletes, and doesn't delete again what was made anew when the event is repeated", async () => {
    await take(upsert(), "1");
    assert.equal(await take({ kind: "delete" }, "2"), "deleted");
    assert.equal(await take({ kind: "delete" }, "3"), "absent");
    await take(upsert(), "4");
    assert.equal(await take({ kind: "delete" }, "2"), "repeated");
    assert.ok(stored());
  });

  it("asks to come again while the function is being deleted", async () => {
    const metadata = { ...KEY, deletionTimestamp: "2026-11-25T00:00:00Z" };
    api.put(COLLECTION, { metadata, spec: inlineSpec() } as LambdaFunction);
    await assert.rejects(
      take(upsert(), "1"),
      (error) => error instanceof Refusal && error.status === 429 && error.details.retryAfterSeconds === 5,
    );
    assert.equal(writes(), 0);
  });

  it("keeps no event that was not stored", async () => {
    api.intercept = ({ method }) => (method === "POST" ? { code: 422, body: {} } : undefined);
    await assert.rejects(take(upsert(), "1"));
    api.intercept = () => undefined;
    assert.equal(await take(upsert(), "1"), "created");
  });

  it("takes a list of events that somebody has written over for none", async () => {
    const annotations = { "lambda.knative.io/events": "{" };
    api.put(COLLECTION, { metadata: { ...KEY, annotations }, spec: inlineSpec() } as LambdaFunction);
    await take(upsert("2"), "1");
    assert.deepEqual(events(), ["f-1"]);
  });
});
