export interface PressureArgs {
  /** Most requests at once. */
  requests: number;
  /** Most bytes of bodies at once. */
  bytes: number;
}

/** What is being worked on, bounded: what goes past is to come again. */
export class Pressure {
  private requests = 0;
  private bytes = 0;

  constructor(private readonly most: PressureArgs) {}

  /** @returns Gives the place back; undefined where there is none. */
  take(bytes: number): (() => void) | undefined {
    if (this.requests >= this.most.requests || this.bytes + bytes > this.most.bytes) return undefined;
    this.requests += 1;
    this.bytes += bytes;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.requests -= 1;
      this.bytes -= bytes;
    };
  }
}
