/**
 * What a request is for; earlier ones go first. A lease that is not renewed costs a replica its work, a status that is not written leaves
 * its users waiting; what a resync asks can wait.
 */
export const PRIORITIES = ["lease", "status", "normal", "resync"] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface RateLimitArgs {
  /** Requests a second, on average. */
  perSecond: number;
  /** Requests at once, after a pause. */
  burst: number;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

interface Waiting {
  go: () => void;
}

/** A token bucket whose tokens go to who waits with the highest priority, and among those to who came first. */
export class RateLimit {
  private readonly perMs: number;
  private readonly burst: number;
  private readonly now: () => number;
  private readonly waiting: Record<Priority, Set<Waiting>> = {
    lease: new Set(),
    status: new Set(),
    normal: new Set(),
    resync: new Set(),
  };
  private tokens: number;
  private filledAt: number;
  private timer: NodeJS.Timeout | undefined;

  constructor({ perSecond, burst, now = () => performance.now() }: RateLimitArgs) {
    this.perMs = perSecond / 1000;
    this.burst = burst;
    this.now = now;
    this.tokens = burst;
    this.filledAt = now();
  }

  /** How many requests wait. */
  get depth(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.waiting[priority].size, 0);
  }

  /**
   * Resolves when a request may be sent.
   * @throws The signal's reason, where it aborts first: no token is lost
   */
  take(priority: Priority, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const place = this.waiting[priority];
      const entry: Waiting = {
        go: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      const abort = (): void => {
        place.delete(entry);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
      place.add(entry);
      this.serve();
    });
  }

  private serve(): void {
    const now = this.now();
    this.tokens = Math.min(this.burst, this.tokens + (now - this.filledAt) * this.perMs);
    this.filledAt = now;
    // A hair below 1 is 1: timers and floating point leave that much.
    while (this.tokens >= 1 - 1e-9) {
      const next = this.next();
      if (!next) return;
      this.tokens -= 1;
      next.go();
    }
    if (this.depth > 0)
      this.timer ??= setTimeout(
        () => {
          this.timer = undefined;
          this.serve();
        },
        Math.ceil((1 - this.tokens) / this.perMs),
      );
  }

  private next(): Waiting | undefined {
    for (const priority of PRIORITIES)
      for (const first of this.waiting[priority]) {
        this.waiting[priority].delete(first);
        return first;
      }
    return undefined;
  }
}
