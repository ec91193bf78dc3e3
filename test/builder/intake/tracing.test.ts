import assert from "node:assert/strict";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import type { LambdaFunction } from "../../../builder/kubernetes/resources";
import { spanOf } from "../../../builder/traceContext";
import { type Tracing, tracingTo } from "../../../builder/tracing";
import {
  all,
  COMMAND,
  FUNCTIONS_PATH,
  listeningIntake,
  NAMESPACE,
  upsertData,
} from "./support/clusterOfRights";

const TRACE = "a".repeat(32);
const SENT = `00-${TRACE}-${"b".repeat(16)}-01`;
const CREATE = `${COMMAND}service.create`;

describe("the span of an event", () => {
  let intake: Awaited<ReturnType<typeof listeningIntake>>;
  let exporter: InMemorySpanExporter;
  let tracing: Tracing;
  beforeEach(async () => {
    exporter = new InMemorySpanExporter();
    tracing = tracingTo(new SimpleSpanProcessor(exporter), "builder-1");
    intake = await listeningIntake(all("ci"), { tracing });
  });
  afterEach(async () => {
    await intake.close();
    await tracing.stop();
  });

  const kept = (name: string) =>
    spanOf(
      (intake.api.objects.get(`${FUNCTIONS_PATH}/${NAMESPACE}/lambdafunctions/${name}`) as LambdaFunction)
        .metadata,
    );
  const spans = () => exporter.getFinishedSpans();

  it("is in its sender's trace, and kept on the function for build and rollout", async () => {
    const answer = await intake.send(CREATE, upsertData("hello"), {
      id: "e-1",
      headers: { traceparent: SENT },
    });
    assert.equal(answer.status, 202);
    const { correlationId } = (await answer.json()) as { correlationId: string };
    const [span, ...more] = spans();
    assert.equal(more.length, 0);
    assert.equal(span?.name, "event");
    assert.equal(span.spanContext().traceId, TRACE);
    assert.equal(span.parentSpanContext?.spanId, "b".repeat(16));
    assert.deepEqual(span.attributes, {
      "k8s.namespace.name": NAMESPACE,
      "faas.name": "hello",
      "cloudevents.event_id": "e-1",
      "cloudevents.event_source": "/test",
      "cloudevents.event_type": CREATE,
      "event.outcome": "created",
      "event.correlation_id": correlationId,
    });
    const { traceId, spanId } = span.spanContext();
    assert.deepEqual(kept("hello"), { traceId, spanId, traceFlags: 1, isRemote: true });
  });

  it("begins a trace where the sender has none", async () => {
    await intake.send(CREATE, upsertData("hello"));
    const [span] = spans();
    assert.equal(span?.parentSpanContext, undefined);
    assert.equal(kept("hello")?.spanId, span?.spanContext().spanId);
  });

  it("is of the last event that was taken: of a command as of a change", async () => {
    await intake.send(CREATE, upsertData("hello", "1"));
    await intake.send(CREATE, upsertData("hello", "2"));
    assert.equal(kept("hello")?.spanId, spans()[1]?.spanContext().spanId);
    await intake.send(`${COMMAND}build.retry`, { name: "hello" });
    assert.equal(spans()[2]?.attributes["event.outcome"], "commanded");
    assert.equal(kept("hello")?.spanId, spans()[2]?.spanContext().spanId);
  });

  it("is there for a repeat too, which leaves the trace of the first on the function", async () => {
    for (let times = 0; times < 2; times += 1) await intake.send(CREATE, upsertData("hello"), { id: "same" });
    assert.deepEqual(
      spans().map(({ attributes }) => attributes["event.outcome"]),
      ["created", "repeated"],
    );
    assert.equal(kept("hello")?.spanId, spans()[0]?.spanContext().spanId);
  });

  it("is not there for an event that is refused or ignored", async () => {
    const headers = { traceparent: SENT };
    assert.equal((await intake.send(CREATE, {}, { headers })).status, 400);
    assert.equal((await intake.send(CREATE, upsertData("hello"), { headers, token: "token-x" })).status, 403);
    assert.equal((await intake.send(CREATE, upsertData("hello"), { headers, token: null })).status, 401);
    assert.equal((await intake.send(`${COMMAND}build.retry`, { name: "none" }, { headers })).status, 400);
    assert.equal((await intake.send("com.example.other", {}, { headers })).status, 202);
    assert.deepEqual(spans(), []);
  });
});
