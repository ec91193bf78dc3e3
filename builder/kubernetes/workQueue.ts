import { type BackOff, backOffMs } from "../backOff";
import { withDeadline } from "../deadline";
import { ApiError } from "./apiError";

/** `resync` waits for all that is `normal`. */
export type Urgency = "normal" | "resync";

/** What a reconciliation wants next: undefined for nothing. */
export interface Outcome {
  /** Milliseconds after which to look again. */
  againAfterMs: number;
}

export interface WorkQueueArgs {
  /** Brings one key to where it should be. What it throws is tried again after a back-off. */
  reconcile: (key: string, signal: AbortSignal) => Promise<Outcome | undefined>;
  /** Keys that are worked on at once. */
  workers: number;
  /** @default from 0.5 s to 2 min */
  backOff?: BackOff;
  /** Longest time of one reconciliation, in milliseconds. @default 300000 */
  timeoutMs?: number;
  /** Time that reconciliations have to end once the queue stops, in milliseconds. @default 10000 */
  graceMs?: number;
  /** Told of each failure, with how many there were in a row. */
  onFailure: (key: string, error: unknown, failures: number) => void;
  /** Told when a reconciliation has ended, however it did. */
  onEnd?: (key: string) => void;
  random?: () => number;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

const BACK_OFF: BackOff = { baseMs: 500, capMs: 120_000 };

/**
 * Keys that want to be looked at. A key waits at most once however often it is added, is never worked on twice at a time, and one that is added while it is
 * worked on is looked at again.
 */
export class WorkQueue {
  private readonly args: Required<WorkQueueArgs>;
  private readonly waiting: Record<Urgency, Set<string>> = { normal: new Set(), resync: new Set() };
  private readonly working = new Map<string, { work: Promise<void>; since: number }>();
  /** Added again while they are worked on. */
  private readonly again = new Map<string, Urgency>();
  private readonly later = new Map<string, { timer: NodeJS.Timeout; at: number }>();
  private readonly failures = new Map<string, number>();
  private readonly hard = new AbortController();
  private running = false;

  constructor(args: WorkQueueArgs) {
    this.args = {
      backOff: BACK_OFF,
      timeoutMs: 300_000,
      graceMs: 10_000,
      random: Math.random,
      now: () => performance.now(),
      onEnd: () => undefined,
      ...args,
    };
  }

  /** Keys that wait to be looked at now. */
  get depth(): number {
    return this.waiting.normal.size + this.waiting.resync.size;
  }

  /** Keys that are being looked at. */
  get active(): number {
    return this.working.size;
  }

  /** How long the key that is looked at for the longest has been, in milliseconds; 0 where none is. */
  get longestMs(): number {
    const now = this.args.now();
    return Math.max(0, ...[...this.working.values()].map(({ since }) => now - since));
  }

  add(key: string, urgency: Urgency = "normal"): void {
    if (this.working.has(key)) {
      if (this.again.get(key) !== "normal") this.again.set(key, urgency);
      return;
    }
    if (urgency === "normal") {
      this.waiting.resync.delete(key);
      this.waiting.normal.add(key);
    } else if (!this.waiting.normal.has(key)) this.waiting.resync.add(key);
    this.pump();
  }

  /** Adds a key in a while. Of several times the earliest counts. */
  addAfter(key: string, ms: number): void {
    const at = performance.now() + ms;
    const planned = this.later.get(key);
    if (planned) {
      if (planned.at <= at) return;
      clearTimeout(planned.timer);
    }
    const timer = setTimeout(() => {
      this.later.delete(key);
      this.add(key);
    }, ms);
    this.later.set(key, { timer, at });
  }

  /** Drops what is known of a key: it is somebody else's now, or gone. What is being done is not undone. */
  forget(key: string): void {
    clearTimeout(this.later.get(key)?.timer);
    this.later.delete(key);
    this.failures.delete(key);
    this.again.delete(key);
    this.waiting.normal.delete(key);
    this.waiting.resync.delete(key);
  }

  /**
   * Works until `stop` aborts, then lets what it has begun come to an end: for the grace time, then by its signal.
   * Keys that wait are left: whoever starts next learns of them from the API server.
   */
  async run(stop: AbortSignal): Promise<void> {
    this.running = !stop.aborted;
    this.pump();
    if (!stop.aborted)
      await new Promise<void>((resolve) => {
        stop.addEventListener(
          "abort",
          () => {
            resolve();
          },
          { once: true },
        );
      });
    this.running = false;
    for (const { timer } of this.later.values()) clearTimeout(timer);
    this.later.clear();
    const grace = setTimeout(() => {
      this.hard.abort(new DOMException("the queue has stopped", "AbortError"));
    }, this.args.graceMs);
    await Promise.all([...this.working.values()].map(({ work }) => work));
    clearTimeout(grace);
  }

  private pump(): void {
    while (this.running && this.working.size < this.args.workers) {
      const key = this.next();
      if (key === undefined) return;
      // There before it begins: what it adds at once finds it worked on.
      const entry = { work: Promise.resolve(), since: this.args.now() };
      this.working.set(key, entry);
      entry.work = this.work(key).finally(() => {
        this.working.delete(key);
        this.args.onEnd(key);
        const urgency = this.again.get(key);
        this.again.delete(key);
        if (urgency) this.add(key, urgency);
        this.pump();
      });
    }
  }

  private next(): string | undefined {
    for (const keys of [this.waiting.normal, this.waiting.resync])
      for (const key of keys) {
        keys.delete(key);
        return key;
      }
    return undefined;
  }

  /** Never rejects. */
  private async work(key: string): Promise<void> {
    const { reconcile, timeoutMs, backOff, random, onFailure } = this.args;
    try {
      const outcome = await withDeadline(timeoutMs, this.hard.signal, (signal) => reconcile(key, signal));
      this.failures.delete(key);
      if (outcome && this.running) this.addAfter(key, outcome.againAfterMs);
    } catch (error) {
      const failures = (this.failures.get(key) ?? 0) + 1;
      this.failures.set(key, failures);
      onFailure(key, error, failures);
      const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      if (this.running) this.addAfter(key, Math.max(asked, backOffMs(failures, backOff, random())));
    }
  }
}
