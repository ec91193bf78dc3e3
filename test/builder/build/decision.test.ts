import assert from "node:assert/strict";
import { decide } from "../../../builder/build/decision";
import { MAX_ATTEMPTS, nextAttemptMs } from "../../../builder/build/retry";

describe("a decision", () => {
  it("takes an image that is there, without a build", () => {
    assert.deepEqual(decide({ imageDigest: "sha256:a" }), { strategy: "reuse", digest: "sha256:a" });
  });
  it("builds with Kaniko what nothing cheaper can", () => {
    assert.deepEqual(decide({ imageDigest: undefined }), { strategy: "kaniko" });
  });
});

describe("another attempt", () => {
  it("comes later each time, up to a limit, and not for all at once", () => {
    const waits = [1, 2, 3, 4].map((attempt) =>
      nextAttemptMs({ kind: "Infrastructure", retry: true }, attempt, 0.999),
    );
    assert.deepEqual(
      waits.map((wait) => Math.round((wait ?? 0) / 1000)),
      [10, 20, 40, 80],
    );
    assert.notEqual(nextAttemptMs({ kind: "Infrastructure", retry: true }, 1, 0), waits[0]);
  });
  it("doesn't come once there were enough", () => {
    for (const [kind, most] of Object.entries(MAX_ATTEMPTS) as [keyof typeof MAX_ATTEMPTS, number][])
      assert.equal(nextAttemptMs({ kind, retry: true }, most, 0.5), undefined, kind);
  });
  it("is never made of what the user has to mend, nor of what is too large", () => {
    for (const kind of ["UserError", "OutOfMemory", "OutOfDisk", "Deadline", "Cancelled"] as const)
      assert.equal(nextAttemptMs({ kind, retry: true }, 1, 0.5), undefined, kind);
    assert.equal(nextAttemptMs({ kind: "Infrastructure", retry: false }, 1, 0.5), undefined);
  });
});
