import assert from "node:assert/strict";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import type { LambdaFunction } from "../../builder/kubernetes/resources";
import { derivedTraceId, parentOf, spanOf, traceText } from "../../builder/traceContext";
import { noTracing, startTracing, type Tracing, tracingTo } from "../../builder/tracing";
import { TRACE_ANNOTATION } from "../../contract/annotations";

const TRACE = "a".repeat(32);
const SPAN = "b".repeat(16);
const SENT = `00-${TRACE}-${SPAN}-01`;
const KEY = { namespace: "team-a", name: "hello" };

const fn = (generation: number, trace?: string): LambdaFunction =>
  ({
    metadata: {
      ...KEY,
      uid: "6b2c",
      generation,
      annotations: trace === undefined ? {} : { [TRACE_ANNOTATION]: trace },
    },
  }) as LambdaFunction;

describe("the trace that a function's event belongs to", () => {
  it("is read from its traceparent", () => {
    assert.deepEqual(parentOf(SENT), { traceId: TRACE, spanId: SPAN, traceFlags: 1, isRemote: true });
  });

  it("is none where the text is none", () => {
    for (const text of [
      undefined,
      "",
      "00-1-2-3",
      `00-${"0".repeat(32)}-${"b".repeat(16)}-01`,
      `00-${"A".repeat(32)}-${"b".repeat(16)}-01`,
    ])
      assert.equal(parentOf(text), undefined);
  });

  it("holds up to the generation that the event asked for, and no further", () => {
    for (const generation of [1, 2])
      assert.equal(spanOf(fn(generation, traceText(SENT, 2)).metadata)?.traceId, TRACE);
    assert.equal(spanOf(fn(3, traceText(SENT, 2)).metadata), undefined);
  });

  it("holds as long as it stands there where somebody has annotated it by hand", () => {
    assert.equal(spanOf(fn(7, SENT).metadata)?.spanId, SPAN);
  });

  it("is none where the annotation is no such text", () => {
    for (const text of [
      `${SENT};generation=x`,
      `${SENT};generation=9;generation=9`,
      ";generation=9",
      SENT + " ",
    ])
      assert.equal(spanOf(fn(1, text).metadata), undefined, text);
    assert.equal(spanOf(fn(1).metadata), undefined);
  });
});

describe("traces", () => {
  let exporter: InMemorySpanExporter;
  let tracing: Tracing;
  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    tracing = tracingTo(new SimpleSpanProcessor(exporter), "builder-1");
  });
  afterEach(() => tracing.stop());

  const spans = (): ReadableSpan[] => exporter.getFinishedSpans();
  const idsOf = (name: string) =>
    spans()
      .filter((span) => span.name === name)
      .map((span) => ({
        trace: span.spanContext().traceId,
        span: span.spanContext().spanId,
        parent: span.parentSpanContext?.spanId,
      }));
  const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));
  const built = (of: LambdaFunction, by = tracing): void => {
    by.say(of, { name: "build", from: at(1), to: at(9), attributes: { "build.job": "build-hello-1" } });
    by.say(of, { name: "rollout", from: at(9), to: at(12), attributes: {} });
  };
  /** As the intake does. */
  const taken = (traceparent: string | undefined): string => {
    const event = tracing.event(traceparent, at(0));
    event.accepted(KEY, { "event.outcome": "created" });
    return event.traceparent ?? "";
  };

  it("go from the sender over the event to build and rollout", () => {
    built(fn(1, traceText(taken(SENT), 1)));
    const [event] = idsOf("event");
    assert.deepEqual([event?.trace, event?.parent], [TRACE, SPAN]);
    for (const name of ["build", "rollout"]) {
      const [{ trace, parent } = { trace: "", parent: "" }, ...more] = idsOf(name);
      assert.deepEqual([trace, parent, more.length], [TRACE, event?.span, 0], name);
    }
  });

  it("begin with the event where its sender has none, each event in one of its own", () => {
    built(fn(1, traceText(taken(undefined), 1)));
    taken(undefined);
    const [event, other] = idsOf("event");
    assert.equal(event?.parent, undefined);
    assert.notEqual(event?.trace, other?.trace);
    for (const name of ["build", "rollout"])
      assert.deepEqual(
        idsOf(name).map(({ trace, parent }) => [trace, parent]),
        [[event?.trace, event?.span]],
        name,
      );
  });

  it("say of which function, when, and what came of it", () => {
    taken(SENT);
    const [{ attributes, startTime, resource } = {} as ReadableSpan] = spans();
    assert.deepEqual(attributes, {
      "k8s.namespace.name": "team-a",
      "faas.name": "hello",
      "event.outcome": "created",
    });
    assert.deepEqual(startTime, [at(0).getTime() / 1000, 0]);
    assert.equal(resource.attributes["service.instance.id"], "builder-1");
  });

  it("say why a build failed", () => {
    tracing.say(fn(1), { name: "build", from: at(0), to: at(1), attributes: {}, error: "BuildTimedOut" });
    assert.deepEqual(spans()[0]?.status, { code: 2, message: "BuildTimedOut" });
  });

  it("hold build and rollout of one generation together where no event asked for it, whichever replica says them", async () => {
    const other = tracingTo(new SimpleSpanProcessor(exporter), "builder-2");
    tracing.say(fn(1), { name: "build", from: at(0), to: at(1), attributes: {} });
    other.say(fn(1), { name: "rollout", from: at(1), to: at(2), attributes: {} });
    const expected = derivedTraceId(fn(1).metadata);
    assert.match(expected ?? "", /^[0-9a-f]{32}$/);
    assert.deepEqual(
      [...idsOf("build"), ...idsOf("rollout")].map(({ trace, parent }) => [trace, parent]),
      [
        [expected, undefined],
        [expected, undefined],
      ],
    );
    await other.stop();
  });

  it("are another for the next generation, also where the one before was an event's", () => {
    const trace = traceText(taken(SENT), 1);
    built(fn(1, trace));
    built(fn(2, trace));
    built(fn(3, trace));
    const [first, second, third] = idsOf("build").map((ids) => ids.trace);
    assert.equal(first, TRACE);
    assert.equal(second, derivedTraceId(fn(2, trace).metadata));
    assert.notEqual(second, third);
  });

  it("begin anew after one that was made up: no event is in a trace of a generation", () => {
    built(fn(1));
    taken(undefined);
    assert.notEqual(idsOf("event")[0]?.trace, derivedTraceId(fn(1).metadata));
  });

  it("are not told of where the sender does not want it, and say so to build and rollout", () => {
    const kept = taken(SENT.replace(/01$/, "00"));
    assert.match(kept, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    built(fn(1, traceText(kept, 1)));
    assert.deepEqual(spans(), []);
  });

  it("tell nothing of an event that is never accepted", () => {
    tracing.event(SENT, at(0));
    assert.deepEqual(spans(), []);
  });

  it("are off unless asked for, and then pass on what the sender gave", async () => {
    assert.equal(startTracing({}), noTracing);
    assert.equal(startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: "" }), noTracing);
    assert.equal(noTracing.event(SENT, at(0)).traceparent, SENT);
    assert.equal(noTracing.event(undefined, at(0)).traceparent, undefined);
    const on = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
    assert.notEqual(on, noTracing);
    await on.stop();
  });
});
