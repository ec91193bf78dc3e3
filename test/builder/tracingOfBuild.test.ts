import assert from "node:assert/strict";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { FunctionStore } from "../../builder/intake/functionStore";
import { derivedTraceId } from "../../builder/traceContext";
import { type Tracing, tracingTo } from "../../builder/tracing";
import type { Replica } from "./reconcile/support/replica";
import { Stage } from "./reconcile/support/stage";

const code = (version: string) => `def handler(data): return ${JSON.stringify(version)}`;

/** Events reach the store as from the intake, whose own test is intake/tracing.test.ts. */
describe("the trace of a build", () => {
  let stage: Stage;
  let replica: Replica;
  let tracing: Tracing;
  const exporter = new InMemorySpanExporter();
  before(async () => {
    stage = await Stage.set();
    tracing = tracingTo(new SimpleSpanProcessor(exporter), "builder-1");
    replica = await stage.replica("builder-1", { tracing });
  });
  after(async () => {
    await stage.strike();
    await tracing.stop();
  });
  beforeEach(() => {
    exporter.reset();
  });

  const traces = () =>
    exporter
      .getFinishedSpans()
      .map((span) => [span.name, span.spanContext().traceId, span.parentSpanContext?.spanId]);
  const send = async (name: string, version: string): Promise<{ traceId: string; spanId: string }> => {
    const key = { namespace: stage.namespace, name };
    const span = tracing.event(undefined, new Date());
    const spec = {
      source: { type: "inline" as const, inline: { code: code(version) } },
      runtime: { language: "python" as const, version: "3.13" as const, handler: "main.handler" },
    };
    await new FunctionStore(replica.client).store(
      key,
      { kind: "upsert", spec, labels: undefined, annotations: undefined },
      { id: version, fingerprint: version, correlationId: version, traceparent: span.traceparent },
      new AbortController().signal,
    );
    span.accepted(key, {});
    const [event] = exporter.getFinishedSpans().filter((one) => one.name === "event");
    assert.ok(event);
    return event.spanContext();
  };
  const served = async (name: string): Promise<void> => {
    await stage.says(name, "ServiceReady", "Serving");
    await stage.settled();
  };

  it("goes on from the event's span to the revision, for a function that is made and for each change by an event", async () => {
    for (const version of ["1", "2"]) {
      exporter.reset();
      const before = stage.play.jobs("sent");
      const { traceId, spanId } = await send("sent", version);
      stage.play.succeed(await stage.job("sent", before));
      await served("sent");
      assert.deepEqual(traces(), [
        ["event", traceId, undefined],
        ["build", traceId, spanId],
        ["rollout", traceId, spanId],
      ]);
    }
  });

  it("is the generation's own for a spec that is applied by hand, also after an event's", async () => {
    for (const [name, version] of [
      ["sent", "3"],
      ["applied", "4"],
      ["applied", "5"],
    ] as const) {
      exporter.reset();
      await stage.ready(name, code(version));
      await served(name);
      const own = derivedTraceId(stage.fn(name)?.metadata ?? { name });
      assert.deepEqual(traces(), [
        ["build", own, undefined],
        ["rollout", own, undefined],
      ]);
    }
  });
});
