import { createHash } from "node:crypto";
import { TRACE_ANNOTATION } from "../contract/annotations";
import type { ObjectMeta } from "./kubernetes/objects";

/** A span of somebody else's, to be continued here. */
export interface ParentSpan {
  traceId: string;
  spanId: string;
  traceFlags: number;
  isRemote: true;
}

/** A W3C `traceparent`, as the span that it names. Only what it says is taken, and only if it says it well. */
export function parentOf(text: string | undefined): ParentSpan | undefined {
  const [, traceId = "", spanId = "", flags = ""] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/.exec(text ?? "") ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

export const traceparentOf = ({
  traceId,
  spanId,
  traceFlags,
}: Pick<ParentSpan, "traceId" | "spanId" | "traceFlags">): string =>
  `00-${traceId}-${spanId}-0${traceFlags & 1}`;

const UP_TO = ";generation=";

/**
 * What an event leaves of its trace on its function, in `TRACE_ANNOTATION`: its `traceparent`, and the generation up to which it holds. An
 * annotation stays when somebody applies another spec by hand: without that, this one's build would be said to be the event's.
 */
export const traceText = (traceparent: string, upToGeneration: number): string =>
  `${traceparent}${UP_TO}${upToGeneration}`;

/**
 * The span that a function's present generation was asked for in; undefined where none is known. A `traceparent` without a generation, as who
 * applies a function by hand may annotate it, holds as long as it stands there.
 */
export function spanOf({ annotations, generation = 0 }: ObjectMeta): ParentSpan | undefined {
  const [traceparent, upTo, ...more] = (annotations?.[TRACE_ANNOTATION] ?? "").split(UP_TO);
  if (more.length > 0 || (upTo !== undefined && !(generation <= Number(upTo)))) return undefined;
  return parentOf(traceparent);
}

/**
 * The trace of a generation that no event asked for, such as one of `kubectl apply`. It is made of the function's uid and the generation, and is
 * no sender's: so build and rollout are in one trace, whichever replicas say them, and nothing has to be written to the function for it. Undefined for an
 * object that the API server has not answered with.
 */
export function derivedTraceId({ uid, generation }: ObjectMeta): string | undefined {
  if (uid === undefined || generation === undefined) return undefined;
  return createHash("sha256")
    .update(JSON.stringify([uid, generation]))
    .digest("hex")
    .slice(0, 32);
}
