import assert from "node:assert/strict";
import { untilNone } from "./until";

/** Answers that a list gives one after the other; the last one for good. */
const lists = (...answers: string[][]) => {
  let next = 0;
  return () => Promise.resolve(answers[Math.min(next++, answers.length - 1)] ?? []);
};

describe("what is left of a fault", () => {
  it("is waited for as long as it gets less, however long in all", async () => {
    const slowly = Array.from({ length: 80 }, (_, index) => Array<string>(40 - (index >> 1)).fill("x"));
    const began = performance.now();
    assert.deepEqual(await untilNone(lists(...slowly, []), 1, 30), []);
    assert.ok(performance.now() - began > 1_000);
  });

  it("is what does not get less, though other things come and go", async () => {
    assert.deepEqual(await untilNone(lists(["a", "b"], ["b"], ["b", "c"], ["b"]), 0.05, 5), ["b"]);
    assert.deepEqual(await untilNone(lists(["b"], ["c"]), 0.05, 5), ["c"]);
  });

  it("is nothing where nothing was left", async () => {
    assert.deepEqual(await untilNone(lists([]), 0), []);
  });
});
