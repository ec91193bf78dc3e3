import assert from "node:assert/strict";
import { ServerClock } from "../../../builder/kubernetes/serverClock";

const SERVER = Date.UTC(2026, 10, 1, 12);
const header = (ms: number): string => new Date(ms).toUTCString();

describe("the API server's clock", () => {
  for (const [what, offMs] of [
    ["five minutes ahead", 300_000],
    ["five minutes behind", -300_000],
  ] as const)
    it(`is kept to within a second by a machine whose own is ${what}`, () => {
      let passed = 0;
      const clock = new ServerClock(() => SERVER + offMs + passed);
      clock.heard(header(SERVER), 20);
      assert.ok(Math.abs(clock.now().getTime() - SERVER) <= 1_000);
      passed = 1_234;
      clock.heard(header(SERVER + passed), 20);
      // It does not jump with the seconds of the header.
      assert.ok(Math.abs(clock.now().getTime() - SERVER - passed) <= 1_000);
    });

  it("is the machine's own where that is right, to the millisecond", () => {
    const clock = new ServerClock(() => SERVER + 777);
    clock.heard(header(SERVER), 20);
    assert.equal(clock.now().getTime(), SERVER + 777);
  });

  it("is the machine's own again once that was put right", () => {
    let local = SERVER + 300_000;
    const clock = new ServerClock(() => local);
    clock.heard(header(SERVER), 20);
    local = SERVER + 5_250;
    clock.heard(header(SERVER + 5_000), 20);
    assert.equal(clock.now().getTime(), local);
  });

  it("believes no answer that came late, and none without a time", () => {
    const clock = new ServerClock(() => SERVER);
    clock.heard(header(SERVER - 60_000), 1_001);
    clock.heard(undefined, 1);
    clock.heard("soon", 1);
    assert.equal(clock.now().getTime(), SERVER);
  });
});
