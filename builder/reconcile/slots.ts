/** A key that wants a place. */
interface Ticket {
  tenant: string;
  /** Has a place kept for it, which it is about to take. */
  called: boolean;
  /** Was asked for in the look at the key that goes on now: it may have been called since. */
  asked: boolean;
}

/** A place that is held. It is given back once, however the work in it ends. */
export interface Place {
  giveBack: () => void;
}

/**
 * Thrown where no place is free for a key: not a failure, and nothing to wait for. Who waited would keep a worker from all other keys, those of
 * other tenants too.
 */
export class NoPlaceFree extends Error {
  /** When to look again at the latest, in milliseconds. The key is woken when its turn has come. */
  readonly againAfterMs = 30_000;

  constructor() {
    super("no place is free: the next is waited for");
  }
}

/**
 * Lets so many through at once. A key that finds no place has its turn kept, and is woken once a place is free for it. One tenant holds all
 * places but one at the most, so that sources that take as long as they may keep nobody else's waiting; among those that wait, the tenant
 * that holds fewest is next, then who came first.
 */
export class Slots {
  private held = 0;
  private readonly heldBy = new Map<string, number>();
  /** By key, in the order in which they came. */
  private readonly tickets = new Map<string, Ticket>();

  /**
   * @param most two at the least
   * @param wake Has a key looked at, soon: a place is kept for it until that look has ended
   */
  constructor(
    private readonly most: number,
    private readonly wake: (key: string) => void,
  ) {}

  /**
   * A place for a key.
   * @returns Undefined where none is free for it now
   */
  take(key: string, tenant: string): Place | undefined {
    const ticket = this.tickets.get(key) ?? { tenant, called: false, asked: true };
    ticket.asked = true;
    this.tickets.set(key, ticket);
    this.call(key);
    if (!ticket.called) return undefined;
    this.tickets.delete(key);
    let given = false;
    return {
      giveBack: () => {
        if (given) return;
        given = true;
        this.free(tenant);
      },
    };
  }

  /**
   * Is told when a look at a key has ended. One for which a place is kept, and that didn't ask for it, wants none any more: its function has changed,
   * or is gone, or somebody else's. Any other keeps its turn, whatever came between.
   */
  looked(key: string): void {
    const ticket = this.tickets.get(key);
    if (ticket === undefined) return;
    if (ticket.asked) ticket.asked = false;
    else if (ticket.called) {
      this.tickets.delete(key);
      this.free(ticket.tenant);
    }
  }

  private of(tenant: string): number {
    return this.heldBy.get(tenant) ?? 0;
  }

  private free(tenant: string): void {
    this.held -= 1;
    const left = this.of(tenant) - 1;
    if (left > 0) this.heldBy.set(tenant, left);
    else this.heldBy.delete(tenant);
    this.call(undefined);
  }

  /** Gives the free places away. @param asking Key that asks, and so need not be woken */
  private call(asking: string | undefined): void {
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const [key, ticket] = next;
      ticket.called = true;
      this.held += 1;
      this.heldBy.set(ticket.tenant, this.of(ticket.tenant) + 1);
      if (key !== asking) this.wake(key);
    }
  }

  /** Whose turn it is, where a place is free. */
  private next(): readonly [string, Ticket] | undefined {
    if (this.held >= this.most) return undefined;
    let next: readonly [string, Ticket] | undefined;
    for (const [key, ticket] of this.tickets) {
      if (ticket.called || this.of(ticket.tenant) >= this.most - 1) continue;
      if (next === undefined || this.of(ticket.tenant) < this.of(next[1].tenant)) next = [key, ticket];
    }
    return next;
  }
}
