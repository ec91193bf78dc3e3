import { type Attributes, context, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { TRACE_ANNOTATION } from "../contract/annotations";
import { BUILDER } from "../contract/names";
import type { LambdaFunction } from "./kubernetes/resources";

/** A stretch of a function's way from event to revision. */
export interface Stretch {
  name: "build" | "rollout";
  from: Date;
  to: Date;
  attributes: Attributes;
  /** Why it failed; undefined where it did not. */
  error?: string | undefined;
}

/** Says what took how long, in the trace of the event that asked for it. */
export interface Tracing {
  say(fn: LambdaFunction, stretch: Stretch): void;
  stop(): Promise<void>;
}

const nothing: Tracing = { say: () => undefined, stop: () => Promise.resolve() };

/** On only where OpenTelemetry's own variable OTEL_EXPORTER_OTLP_ENDPOINT is set. */
export function startTracing(variables: NodeJS.ProcessEnv): Tracing {
  if ((variables["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "") === "") return nothing;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      "service.name": BUILDER,
      "service.instance.id": variables["POD_NAME"] ?? "",
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer(BUILDER);
  return {
    say: (fn, { name, from, to, attributes, error }) => {
      const parent = parentOf(fn.metadata.annotations?.[TRACE_ANNOTATION]);
      const within = parent === undefined ? context.active() : trace.setSpanContext(context.active(), parent);
      const own = {
        "k8s.namespace.name": fn.metadata.namespace ?? "",
        "faas.name": fn.metadata.name,
      };
      const span = tracer.startSpan(name, { startTime: from, attributes: { ...own, ...attributes } }, within);
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      span.end(to);
    },
    stop: () => provider.shutdown(),
  };
}

/** A W3C `traceparent`, as the span that it names. Only what it says is taken, and only if it says it well. */
export function parentOf(
  text: string | undefined,
): { traceId: string; spanId: string; traceFlags: number; isRemote: true } | undefined {
  const [, traceId = "", spanId = "", flags = ""] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(text ?? "") ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}
