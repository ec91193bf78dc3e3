import assert from "node:assert/strict";
import fc from "fast-check";
import { seconds, wholeDuration } from "../../../settings/scalars";

describe("wholeDuration", () => {
  const cases: [string, string][] = [
    ["360h", "360h"],
    ["5m", "5m"],
    ["300s", "5m"],
    ["1h30m", "1h30m"],
    ["1.5h", "1h30m"],
    ["90.5s", "1m31s"],
    ["1ms", "1s"],
    ["0s", "0s"],
  ];
  for (const [given, written] of cases) {
    it(`writes ${given} as ${written}`, () => {
      assert.equal(wholeDuration(given), written);
    });
  }

  it("keeps every whole number of seconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (total) => {
        const written = wholeDuration(`${total}s`);
        assert.equal(seconds(written), total);
        assert.match(written, /^(\d+h)?(\d+m)?(\d+s)?$/);
      }),
    );
  });
});
