import { createHash } from "node:crypto";
import { BUILDER } from "../../contract/names";
import { type Log, silent } from "../log";
import { isAlreadyExists, isNotFound } from "./apiError";
import type { KubernetesClient } from "./client";
import { type ApiObject, microTime } from "./objects";
import { type EventObject, EVENTS } from "./resources";

/** What happened to an object, for `kubectl describe`. */
export interface ObjectEvent {
  type: "Normal" | "Warning";
  /** One CamelCase word. */
  reason: string;
  /** What was done, in one CamelCase word: `Build`, `Deploy`. */
  action: string;
  /** What it means and what to do. Cut at 1024 bytes, the most that the API takes. */
  note: string;
}

export interface EventRecorderArgs {
  client: KubernetesClient;
  /** Name of this replica. */
  identity: string;
  /** Shortest time between two writes of the same event, in milliseconds. @default 10000 */
  everyMs?: number;
  /** Time between two looks at what waits, in milliseconds. @default 500 */
  lookMs?: number;
  /** Most events that wait to be written. @default 1000 */
  most?: number;
  log?: Log;
  /** Wall clock. */
  now?: () => Date;
}

/** The same event of an object, however often. */
interface Series {
  name: string;
  event: ObjectEvent;
  of: ApiObject;
  /** How often since the first. */
  count: number;
  /** How often of those are written. */
  written: number;
  first: Date;
  last: Date;
  writtenAt: number;
}

const MOST_NOTE = 1024;
/** The API server forgets an event after an hour; later, the same is another one. */
const FORGET_MS = 30 * 60_000;

/**
 * Kubernetes Events, written in the background: the same event of an object is one Event whose count grows, and a failure to write costs the
 * event and nothing else.
 */
export class EventRecorder {
  private readonly args: Required<EventRecorderArgs>;
  private readonly series = new Map<string, Series>();
  private readonly due = new Set<Series>();
  private dropped = 0;

  constructor(args: EventRecorderArgs) {
    this.args = { everyMs: 10_000, lookMs: 500, most: 1_000, log: silent, now: () => new Date(), ...args };
  }

  record(of: ApiObject, event: ObjectEvent): void {
    const name = eventName(of, event);
    const now = this.args.now();
    const known = this.series.get(name);
    if (known) {
      known.count += 1;
      known.last = now;
      this.due.add(known);
      return;
    }
    if (this.due.size >= this.args.most) {
      this.dropped += 1;
      return;
    }
    const series: Series = {
      name,
      event,
      of,
      count: 1,
      written: 0,
      first: now,
      last: now,
      writtenAt: Number.NEGATIVE_INFINITY,
    };
    this.series.set(name, series);
    this.due.add(series);
  }

  /** Writes until `stop` aborts, and then what waits. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.write(stop, this.args.everyMs);
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          stop.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, this.args.lookMs);
        stop.addEventListener("abort", done, { once: true });
      });
    }
    await this.write(undefined, 0);
  }

  private async write(signal: AbortSignal | undefined, everyMs: number): Promise<void> {
    if (this.dropped > 0)
      this.args.log.warn({ dropped: this.dropped }, "events were dropped: too many wait to be written");
    this.dropped = 0;
    for (const series of this.due) {
      if (signal?.aborted) return;
      if (performance.now() - series.writtenAt < everyMs) continue;
      this.due.delete(series);
      await this.send(series, signal);
    }
    const now = this.args.now().getTime();
    for (const [name, { last }] of this.series)
      if (now - last.getTime() > FORGET_MS) this.series.delete(name);
  }

  private async send(series: Series, signal: AbortSignal | undefined): Promise<void> {
    const { client, log } = this.args;
    const { count, name, of } = series;
    const options = { signal, priority: "resync", timeoutMs: 5_000, retries: 1 } as const;
    const namespace = namespaceOf(of);
    const create = () => client.create(EVENTS, this.object(series), options);
    const add = () => client.merge(EVENTS, { namespace, name }, { series: seriesOf(series) }, options);
    series.writtenAt = performance.now();
    try {
      // The server forgets an event after an hour; another replica may have written it before.
      if (series.written > 0) await add().catch(instead(isNotFound, create));
      else await create().catch(instead(isAlreadyExists, add));
      series.written = count;
    } catch (error) {
      if (signal?.aborted) this.due.add(series);
      else log.warn({ err: error, event: series.event.reason }, "an event was not written");
    }
  }

  private object({ name, event, of, first, count, last }: Series): EventObject {
    const { uid, resourceVersion } = of.metadata;
    const namespace = namespaceOf(of);
    return {
      metadata: { namespace, name },
      type: event.type,
      reason: event.reason,
      action: event.action,
      note: cut(event.note, MOST_NOTE),
      eventTime: microTime(first),
      reportingController: BUILDER,
      reportingInstance: this.args.identity,
      regarding: {
        apiVersion: of.apiVersion,
        kind: of.kind,
        namespace,
        name: of.metadata.name,
        uid,
        resourceVersion,
      },
      ...(count > 1 ? { series: seriesOf({ count, last }) } : {}),
    };
  }
}

/** The beginning of a text that is longer than so many bytes. */
function cut(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const ellipsis = "…";
  // A character that the cut goes through is replaced by U+FFFD, which is dropped.
  const begin = bytes.toString("utf8", 0, most - Buffer.byteLength(ellipsis)).replace(/\ufffd+$/, "");
  return begin + ellipsis;
}

/** Events on objects of the cluster lie in `default`. */
const namespaceOf = ({ metadata: { namespace } }: ApiObject): string => namespace ?? "default";

/** The same event of the same object has the same name, whichever replica writes it. */
function eventName(
  { metadata: { name, uid } }: ApiObject,
  { type, reason, action, note }: ObjectEvent,
): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([uid, type, reason, action, note]))
    .digest("hex");
  return `${name.slice(0, 200)}.${hash.slice(0, 16)}`;
}

/** A series begins with the second occurrence. */
const seriesOf = ({ count, last }: Pick<Series, "count" | "last">) => ({
  count: Math.max(2, count),
  lastObservedTime: microTime(last),
});

const instead =
  (expected: (error: unknown) => boolean, then: () => Promise<ApiObject>) =>
  (error: unknown): Promise<ApiObject> => {
    if (!expected(error)) throw error;
    return then();
  };
