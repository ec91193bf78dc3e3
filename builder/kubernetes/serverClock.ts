/** Whole seconds and the way here make an answer's time less exact than this; a machine that keeps its clock is within it. */
const TOLERANCE_MS = 2_000;
/** An answer that took longer says little of the time it is read at. */
const LONGEST_ANSWER_MS = 1_000;

/**
 * The API server's time, as its answers tell it. Times in objects are of its clock and of other replicas': by a machine's own, which may be
 * minutes off, a wait between attempts would last minutes longer, or not at all.
 */
export class ServerClock {
  private offsetMs = 0;

  /** @param local This machine's clock, in milliseconds since 1970 */
  constructor(private readonly local: () => number = () => Date.now()) {}

  /**
   * @param date The answer's Date header
   * @param tookMs From the question to the answer's head
   */
  heard(date: unknown, tookMs: number): void {
    const said = typeof date === "string" ? Date.parse(date) : NaN;
    if (Number.isNaN(said) || tookMs > LONGEST_ANSWER_MS) return;
    // In the middle of the second that is named.
    const offset = said + 500 - this.local();
    if (Math.abs(offset - this.offsetMs) <= TOLERANCE_MS) return;
    this.offsetMs = Math.abs(offset) <= TOLERANCE_MS ? 0 : offset;
  }

  now(): Date {
    return new Date(this.local() + this.offsetMs);
  }
}
