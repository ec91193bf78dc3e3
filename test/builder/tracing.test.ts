import assert from "node:assert/strict";
import { parentOf } from "../../builder/tracing";

describe("the trace that a function's event belongs to", () => {
  it("is read from its traceparent", () => {
    assert.deepEqual(parentOf(`00-${"a".repeat(32)}-${"b".repeat(16)}-01`), {
      traceId: "a".repeat(32),
      spanId: "b".repeat(16),
      traceFlags: 1,
      isRemote: true,
    });
  });

  it("is none where the text is none", () => {
    for (const text of [
      undefined,
      "",
      "00-1-2-3",
      `00-${"0".repeat(32)}-${"b".repeat(16)}-01`,
      `00-${"A".repeat(32)}-${"b".repeat(16)}-01`,
    ])
      assert.equal(parentOf(text), undefined);
  });
});
