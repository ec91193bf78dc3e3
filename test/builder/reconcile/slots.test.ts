import assert from "node:assert/strict";
import { type Place, Slots } from "../../../builder/reconcile/slots";

/** Keys, as `tenant/name`, that are looked at as a work queue does it: once when they are added, and whenever they are woken. */
function looks(most: number) {
  const woken: string[] = [];
  const slots = new Slots(most, (key) => woken.push(key));
  const begun: string[] = [];
  const places = new Map<string, Place>();
  /** Keys that want no place any more. */
  const gone = new Set<string>();
  const look = (key: string): void => {
    const place = gone.has(key) ? undefined : slots.take(key, key.split("/")[0] ?? "");
    if (place) {
      begun.push(key);
      places.set(key, place);
    }
    slots.looked(key);
  };
  const turn = (): void => {
    for (const key of woken.splice(0)) look(key);
  };
  return {
    slots,
    begun,
    woken,
    gone,
    turn,
    look: (...keys: string[]): void => {
      for (const key of keys) look(key);
      turn();
    },
    /** Work ends, and who is woken by it is looked at. */
    end: (...keys: string[]): void => {
      for (const key of keys) places.get(key)?.giveBack();
      while (woken.length > 0) turn();
    },
    giveBack: (key: string): void => places.get(key)?.giveBack(),
  };
}

const many = (tenant: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${tenant}/${at}`);

describe("places for sources", () => {
  it("are so many, and no more", () => {
    const { look, begun, end } = looks(3);
    look("a/0", "b/1", "c/2", "d/3");
    assert.deepEqual(begun, ["a/0", "b/1", "c/2"]);
    end("b/1");
    assert.deepEqual(begun, ["a/0", "b/1", "c/2", "d/3"]);
  });

  it("are never all one tenant's: a source of another goes at once", () => {
    const { look, begun } = looks(4);
    look(...many("hostile", 100));
    assert.deepEqual(begun, ["hostile/0", "hostile/1", "hostile/2"]);
    look("team-b/quick");
    assert.deepEqual(begun.slice(3), ["team-b/quick"]);
  });

  it("go to the tenant that holds fewest, then to who came first", () => {
    const { look, begun, end } = looks(2);
    look("a/1", "b/1", "a/2", "a/3", "c/1");
    end("b/1");
    assert.deepEqual(begun, ["a/1", "b/1", "c/1"]);
    end("c/1");
    assert.deepEqual(begun, ["a/1", "b/1", "c/1"], "a has the one place that it may have");
    end("a/1");
    assert.deepEqual(begun, ["a/1", "b/1", "c/1", "a/2"]);
  });

  it("come to each tenant in turn, however many wait for another", () => {
    const { look, begun, end } = looks(3);
    look(...many("a", 50), "b/0", "c/0", "d/0", ...many("a", 50));
    end("b/0");
    end("c/0");
    end("d/0");
    end("a/0");
    assert.deepEqual(begun, ["a/0", "a/1", "b/0", "c/0", "d/0", "a/2"]);
  });

  it("go in order, however often one of those that wait is looked at", () => {
    const { look, begun, end } = looks(2);
    look("a/0", "a/1", "a/2");
    for (let at = 0; at < 5; at++) look("a/2");
    end("a/0");
    assert.deepEqual(begun, ["a/0", "a/1"]);
  });

  it("are kept for the one that is woken: who comes meanwhile waits", () => {
    const { look, begun, woken, giveBack, turn, slots } = looks(2);
    look("a/0", "a/1");
    giveBack("a/0");
    assert.deepEqual(woken, ["a/1"]);
    assert.equal(slots.take("a/2", "a"), undefined);
    turn();
    assert.deepEqual(begun, ["a/0", "a/1"]);
  });

  it("pass to the next where the one that is woken wants none any more", () => {
    const { look, begun, gone, end } = looks(2);
    look(...many("a", 5));
    for (const key of ["a/1", "a/2", "a/3"]) gone.add(key);
    end("a/0");
    assert.deepEqual(begun, ["a/0", "a/4"]);
  });

  it("are not lost to a look that began before its key was woken", () => {
    const { look, begun, slots, giveBack, turn } = looks(2);
    look("a/0");
    assert.equal(slots.take("a/1", "a"), undefined);
    giveBack("a/0");
    slots.looked("a/1");
    turn();
    assert.deepEqual(begun, ["a/0", "a/1"]);
  });

  it("keep the turn of one that is looked at for another reason", () => {
    const { look, begun, slots, end } = looks(2);
    look("a/0", "a/1", "a/2");
    slots.looked("a/1");
    end("a/0");
    assert.deepEqual(begun, ["a/0", "a/1"]);
  });

  it("are given back once, however often it is said", () => {
    const { look, begun, end } = looks(2);
    look("a/0", "b/0", "a/1", "b/1", "c/0");
    end("a/0", "a/0", "a/0");
    assert.deepEqual(begun, ["a/0", "b/0", "a/1"]);
  });
});
