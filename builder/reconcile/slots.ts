interface Waiting {
  tenant: string;
  begin: () => void;
}

/**
 * Lets so many through at once; the others wait their turn. One tenant holds all places but one at the most, so that sources that take as long as they may keep
 * nobody else's waiting; among those that wait, the tenant that holds fewest is next, then who came first.
 */
export class Slots {
  private held = 0;
  private readonly heldBy = new Map<string, number>();
  private readonly waiting: Waiting[] = [];

  /** @param most two at the least */
  constructor(private readonly most: number) {}

  async take<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.waiting.push({ tenant, begin });
      this.next();
    });
    try {
      return await work();
    } finally {
      this.held -= 1;
      const left = this.of(tenant) - 1;
      if (left > 0) this.heldBy.set(tenant, left);
      else this.heldBy.delete(tenant);
      this.next();
    }
  }

  private of(tenant: string): number {
    return this.heldBy.get(tenant) ?? 0;
  }

  private next(): void {
    if (this.held >= this.most) return;
    const may = this.waiting.filter(({ tenant }) => this.of(tenant) < this.most - 1);
    const [first, ...others] = may;
    if (!first) return;
    const next = others.reduce(
      (best, one) => (this.of(one.tenant) < this.of(best.tenant) ? one : best),
      first,
    );
    this.waiting.splice(this.waiting.indexOf(next), 1);
    this.held += 1;
    this.heldBy.set(next.tenant, this.of(next.tenant) + 1);
    next.begin();
  }
}
