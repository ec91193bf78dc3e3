import { z } from "zod";
import { API_GROUP } from "./names";

/** Annotations by which the intake hands events on to the reconciler, on a `LambdaFunction`. Never a change of `spec`. */

/** What can be asked of a function's build or service, once each time. */
export const COMMANDS = ["build.start", "build.retry", "build.cancel", "function.rollback"] as const;
export type Command = (typeof COMMANDS)[number];

/** JSON list of the fingerprints of the events that were taken, the latest last: a repeat of one of them changes nothing. */
export const EVENTS_ANNOTATION = `${API_GROUP}/events`;
/** How many events are kept there. */
export const KEPT_EVENTS = 20;

/** Correlation id of the last event that was taken: build and rollout say it in their logs. */
export const CORRELATION_ANNOTATION = `${API_GROUP}/correlation-id`;
/**
 * Span of the last event that was taken, as a W3C `traceparent`, and after `;generation=` the generation up to which it holds: build and rollout
 * go on from it. Who applies a function by hand may set it to a `traceparent` of theirs.
 */
export const TRACE_ANNOTATION = `${API_GROUP}/traceparent`;

const COMMAND_PREFIX = `${API_GROUP}/command-`;
const ACTED_PREFIX = `${API_GROUP}/acted-`;

/** Carries the last command of its kind, as {@link commandText} writes it. Set by the intake, or by hand. */
export const commandAnnotation = (command: Command): string => `${COMMAND_PREFIX}${command}`;

/** Carries the id of the last command of its kind that was acted on. Set by the reconciler alone. */
export const actedAnnotation = (command: Command): string => `${ACTED_PREFIX}${command}`;

/** Annotations that no author sets through an event: they are the platform's own words. */
export const isReservedAnnotation = (key: string): boolean =>
  [EVENTS_ANNOTATION, CORRELATION_ANNOTATION, TRACE_ANNOTATION].includes(key) ||
  key.startsWith(COMMAND_PREFIX) ||
  key.startsWith(ACTED_PREFIX);

const request = z.object({
  id: z.string().min(1),
  generation: z.int().min(1).optional(),
  at: z.string().optional(),
});

/** One command to a function. */
export interface CommandRequest {
  /** Acted on once for each id. The event's id, or whatever somebody wrote by hand. */
  id: string;
  /** Generation of the function when the command was taken. Absent from one that was written by hand: it is about the present one. */
  generation?: number | undefined;
  /** When it was taken, in RFC 3339. */
  at?: string | undefined;
}

export const commandText = ({ id, generation, at }: CommandRequest): string =>
  JSON.stringify({ id, generation, at });

/**
 * The last command of a kind, or undefined where there was none. A text that is no JSON is an id, so that
 * `kubectl annotate lf NAME lambda.knative.io/command-build.retry=again-1` works.
 */
export function readCommand(
  annotations: Readonly<Record<string, string>> | undefined,
  command: Command,
): CommandRequest | undefined {
  const text = annotations?.[commandAnnotation(command)]?.trim() ?? "";
  if (text === "") return undefined;
  try {
    const parsed = request.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // Written by hand.
  }
  return { id: text };
}
