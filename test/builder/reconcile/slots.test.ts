import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { Slots } from "../../../builder/reconcile/slots";

/** Work that begins when it is let through, and ends when it is told to. */
function works(slots: Slots) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    add: (name: string, tenant: string): Promise<void> =>
      slots.take(tenant, () => {
        begun.push(name);
        return new Promise<void>((end) => ends.set(name, end));
      }),
    end: async (name: string): Promise<void> => {
      ends.get(name)?.();
      await turn();
    },
  };
}

describe("places for sources", () => {
  it("are so many, and no more", async () => {
    const { add, begun, end } = works(new Slots(3));
    for (const [at, tenant] of ["a", "b", "c", "d"].entries()) void add(String(at), tenant);
    await turn();
    assert.deepEqual(begun, ["0", "1", "2"]);
    await end("1");
    assert.deepEqual(begun, ["0", "1", "2", "3"]);
  });

  it("are never all one tenant's: a source of another goes at once", async () => {
    const { add, begun } = works(new Slots(4));
    for (let at = 0; at < 100; at++) void add(`slow-${at}`, "hostile");
    await turn();
    assert.deepEqual(begun, ["slow-0", "slow-1", "slow-2"]);
    void add("quick", "team-b");
    await turn();
    assert.deepEqual(begun, ["slow-0", "slow-1", "slow-2", "quick"]);
  });

  it("go to the tenant that holds fewest, then to who came first", async () => {
    const { add, begun, end } = works(new Slots(2));
    void add("a1", "a");
    void add("b1", "b");
    await turn();
    for (const name of ["a2", "a3"]) void add(name, "a");
    void add("c1", "c");
    await end("b1");
    assert.deepEqual(begun, ["a1", "b1", "c1"]);
    await end("c1");
    assert.deepEqual(begun, ["a1", "b1", "c1"], "a has the one place that it may have");
    await end("a1");
    assert.deepEqual(begun, ["a1", "b1", "c1", "a2"]);
  });

  it("are given back however the work ends", async () => {
    const slots = new Slots(2);
    for (let at = 0; at < 5; at++)
      await assert.rejects(
        slots.take("a", () => Promise.reject(new Error("failed"))),
        /failed/,
      );
    assert.equal(await slots.take("a", () => Promise.resolve("done")), "done");
  });
});
