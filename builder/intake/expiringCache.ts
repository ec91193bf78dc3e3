export interface ExpiringCacheArgs<T> {
  /** Most answers that are kept; the one asked for longest ago goes first. */
  size: number;
  /** How long an answer is kept, in milliseconds; 0 for not at all. */
  keepMs: (answer: T) => number;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

/** Answers that hold for a while. Whoever asks the same at once gets one answer; a failure is nobody's answer for later. */
export class ExpiringCache<T> {
  private readonly kept = new Map<string, { answer: T; until: number }>();
  private readonly asked = new Map<string, Promise<T>>();
  private readonly now: () => number;

  constructor(private readonly args: ExpiringCacheArgs<T>) {
    this.now = args.now ?? (() => performance.now());
  }

  get size(): number {
    return this.kept.size;
  }

  /** The answer that is kept; undefined where there is none. */
  peek(key: string): T | undefined {
    const kept = this.kept.get(key);
    if (!kept) return undefined;
    this.kept.delete(key);
    if (kept.until <= this.now()) return undefined;
    this.kept.set(key, kept);
    return kept.answer;
  }

  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const kept = this.peek(key);
    if (kept !== undefined) return kept;
    const pending = this.asked.get(key);
    if (pending) return pending;
    const asking = ask().finally(() => this.asked.delete(key));
    this.asked.set(key, asking);
    const answer = await asking;
    this.keep(key, answer);
    return answer;
  }

  private keep(key: string, answer: T): void {
    const ms = this.args.keepMs(answer);
    if (ms <= 0) return;
    this.kept.set(key, { answer, until: this.now() + ms });
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.args.size) return;
      this.kept.delete(oldest);
    }
  }
}
