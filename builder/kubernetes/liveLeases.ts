/** What is known of one replica's Lease. */
interface Seen {
  /** Changes with each renewal; its time is the holder's, so it is compared and never read. */
  mark: string;
  /** When the mark was seen to change, by this process's monotonic clock. */
  at: number;
  /** How long a renewal counts, in milliseconds. */
  lastsMs: number;
}

/**
 * Which Leases are live, by when this process saw them renewed. Clocks of two machines are never compared: a holder whose
 * clock is minutes off is as live as any other.
 */
export class LiveLeases {
  private readonly seen = new Map<string, Seen>();

  constructor(private readonly now: () => number) {}

  observe(name: string, mark: string, lastsMs: number): void {
    const before = this.seen.get(name);
    if (before?.mark === mark) return;
    this.seen.set(name, { mark, at: this.now(), lastsMs });
  }

  remove(name: string): void {
    this.seen.delete(name);
  }

  /** Names of those that were renewed in time, sorted. */
  live(): string[] {
    const now = this.now();
    return [...this.seen]
      .filter(([, { at, lastsMs }]) => now - at < lastsMs)
      .map(([name]) => name)
      .sort();
  }

  /** Names of those that were last renewed so long ago that nobody will renew them again. */
  dead(afterMs: number): string[] {
    const now = this.now();
    return [...this.seen]
      .filter(([, { at, lastsMs }]) => now - at >= lastsMs + afterMs)
      .map(([name]) => name);
  }
}
