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
  /**
   * Most events that are remembered, so that the same is counted and not written anew. Those that were not seen for longest go first; those that wait are not
   * among them. @default 5000, some 10 MB at the longest notes
   */
  mostKnown?: number;
  log?: Log;
  /** Wall clock. */
  now?: () => Date;
}

/** All that an Event says of its object. Kept in place of the object, which may hold a function's code. */
type Reference = EventObject["regarding"];

/** The same event of an object, however often. */
interface Series {
  name: string;
  /** Its note cut, as the API takes it. */
  event: ObjectEvent;
  of: Reference;
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
  /** The one seen last is last. */
  private readonly series = new Map<string, Series>();
  private readonly due = new Set<Series>();
  private dropped = 0;

  constructor(args: EventRecorderArgs) {
    this.args = {
      everyMs: 10_000,
      lookMs: 500,
      most: 1_000,
      mostKnown: 5_000,
      log: silent,
      now: () => new Date(),
      ...args,
    };
  }

  /** Keeps nothing of the object but what names it. */
  record(of: ApiObject, event: ObjectEvent): void {
    const name = eventName(of, event);
    const now = this.args.now();
    const known = this.series.get(name);
    if (known) {
      known.count += 1;
      known.last = now;
      this.series.delete(name);
      this.series.set(name, known);
      this.due.add(known);
      return;
    }
    if (this.due.size >= this.args.most) {
      this.dropped += 1;
      return;
    }
    const series: Series = {
      name,
      event: { ...event, note: cut(event.note, MOST_NOTE) },
      of: referenceTo(of),
      count: 1,
      written: 0,
      first: now,
      last: now,
      writtenAt: Number.NEGATIVE_INFINITY,
    };
    this.series.set(name, series);
    this.due.add(series);
    this.forgetOldest();
  }

  private forgetOldest(): void {
    for (const [name, series] of this.series) {
      if (this.series.size <= this.args.mostKnown) return;
      if (!this.due.has(series)) this.series.delete(name);
    }
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
    for (const [name, { last }] of this.series) {
      if (now - last.getTime() <= FORGET_MS) return;
      this.series.delete(name);
    }
  }

  private async send(series: Series, signal: AbortSignal | undefined): Promise<void> {
    const { client, log } = this.args;
    const { count, name, of } = series;
    const options = { signal, priority: "resync", timeoutMs: 5_000, retries: 1 } as const;
    const { namespace } = of;
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
    return {
      metadata: { namespace: of.namespace, name },
      ...event,
      eventTime: microTime(first),
      reportingController: BUILDER,
      reportingInstance: this.args.identity,
      regarding: of,
      ...(count > 1 ? { series: seriesOf({ count, last }) } : {}),
    };
  }
}

const referenceTo = ({ apiVersion, kind, metadata }: ApiObject): Reference => ({
  apiVersion,
  kind,
  namespace: namespaceOf(metadata),
  name: metadata.name,
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
});

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
const namespaceOf = ({ namespace }: ApiObject["metadata"]): string => namespace ?? "default";

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
