import { type Attributes, context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  RandomIdGenerator,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { BUILDER } from "../contract/names";
import type { LambdaFunction } from "./kubernetes/resources";
import { derivedTraceId, type ParentSpan, parentOf, spanOf, traceparentOf } from "./traceContext";
import type { FunctionKey } from "./types";

/** A stretch of a function's way from event to revision. */
export interface Stretch {
  name: "build" | "rollout";
  from: Date;
  to: Date;
  attributes: Attributes;
  /** Why it failed; undefined where it did not. */
  error?: string | undefined;
}

/** The first stretch of that way: an event, from its arrival until what it asks for is stored. */
export interface EventSpan {
  /**
   * To be kept with what the event asks for: the event's own span, which build and rollout continue. Where traces are off, what the sender gave,
   * for a replica that has them on.
   */
  readonly traceparent: string | undefined;
  /** Ends it. Without this nothing is said of the event: of those that are refused, logs and metrics tell. */
  accepted(of: FunctionKey, attributes: Attributes): void;
}

/** Says what took how long, in the trace of the event that asked for it. */
export interface Tracing {
  /**
   * Begins the span of an event, in its sender's trace, or in one of its own where the sender gave none.
   * @param traceparent as the sender gave it
   */
  event(traceparent: string | undefined, from: Date): EventSpan;
  /** Of a generation that no event asked for, build and rollout are in a trace of that generation's own. */
  say(fn: LambdaFunction, stretch: Stretch): void;
  stop(): Promise<void>;
}

/** Costs nothing, and passes on what senders give. */
export const noTracing: Tracing = {
  event: (traceparent) => ({ traceparent, accepted: () => undefined }),
  say: () => undefined,
  stop: () => Promise.resolve(),
};

/** On only where OpenTelemetry's own variable OTEL_EXPORTER_OTLP_ENDPOINT is set. */
export const startTracing = (variables: NodeJS.ProcessEnv): Tracing =>
  (variables["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "") === ""
    ? noTracing
    : tracingTo(new BatchSpanProcessor(new OTLPTraceExporter()), variables["POD_NAME"] ?? "");

/** @param instance name of this replica */
export function tracingTo(processor: SpanProcessor, instance: string): Tracing {
  const ids = new RandomIdGenerator();
  let traceId: string | undefined;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ "service.name": BUILDER, "service.instance.id": instance }),
    spanProcessors: [processor],
    idGenerator: {
      generateTraceId: () => traceId ?? ids.generateTraceId(),
      generateSpanId: () => ids.generateSpanId(),
    },
  });
  const tracer = provider.getTracer(BUILDER);
  /** @param own trace of a span that has no parent; a random one by default. As root, so that the sampler decides on it, and not whoever made the id up */
  const start = (
    name: string,
    from: Date,
    kind: SpanKind,
    parent: ParentSpan | undefined,
    own: string | undefined,
  ) => {
    const options = { startTime: from, kind };
    if (parent !== undefined)
      return tracer.startSpan(name, options, trace.setSpanContext(context.active(), parent));
    traceId = own;
    try {
      return tracer.startSpan(name, { ...options, root: true });
    } finally {
      traceId = undefined;
    }
  };
  return {
    event: (traceparent, from) => {
      const span = start("event", from, SpanKind.SERVER, parentOf(traceparent), undefined);
      return {
        traceparent: traceparentOf(span.spanContext()),
        accepted: (of, attributes) => {
          span.setAttributes({ ...attributesOf(of), ...attributes }).end();
        },
      };
    },
    say: ({ metadata }, { name, from, to, attributes, error }) => {
      const span = start(name, from, SpanKind.INTERNAL, spanOf(metadata), derivedTraceId(metadata));
      span.setAttributes({ ...attributesOf(metadata), ...attributes });
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      span.end(to);
    },
    stop: () => provider.shutdown(),
  };
}

const attributesOf = ({
  namespace = "",
  name,
}: {
  namespace?: string | undefined;
  name: string;
}): Attributes => ({
  "k8s.namespace.name": namespace,
  "faas.name": name,
});
