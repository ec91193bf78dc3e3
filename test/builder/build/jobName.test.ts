import assert from "node:assert/strict";
import fc from "fast-check";
import { FUNCTION_CHARACTERS, jobName } from "../../../builder/build/jobName";

const HASH = "a".repeat(64);
const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);

describe("the name of a build's Job", () => {
  it("is build-<function>-<hash>, with the attempt from the second on", () => {
    assert.match(jobName({ namespace: "a", name: "parser-1" }, HASH, 1), /^build-parser-1-[0-9a-z]{10}$/);
    assert.match(jobName({ namespace: "a", name: "parser-1" }, HASH, 2), /^build-parser-1-[0-9a-z]{10}-2$/);
  });

  it("is a DNS label that leaves a pod's name room for the six characters that Kubernetes adds, for every function", () => {
    fc.assert(
      fc.property(label, label, fc.integer({ min: 1, max: 999 }), (namespace, name, attempt) => {
        assert.match(jobName({ namespace, name }, HASH, attempt), /^[a-z][-a-z0-9]{0,55}[a-z0-9]$/);
      }),
    );
  });

  it("has the same beginning of a function's name at every attempt", () => {
    const name = "x".repeat(63);
    for (const attempt of [1, 2, 10, 999])
      assert.match(
        jobName({ namespace: "a", name }, HASH, attempt),
        new RegExp(`^build-x{${FUNCTION_CHARACTERS}}-[0-9a-z]{10}(-${attempt})?$`),
      );
  });

  it("is another for another function, namespace, build or attempt", () => {
    const names = new Set<string>();
    let count = 0;
    for (const namespace of ["a", "b", "a-a"])
      for (const name of ["x", "x-x", "x".repeat(63), `${"x".repeat(62)}y`])
        for (const hash of [HASH, "b".repeat(64)])
          for (const attempt of [1, 2, 12]) {
            names.add(jobName({ namespace, name }, hash, attempt));
            count += 1;
          }
    assert.equal(names.size, count);
  });

  it("does not mix up where namespace and name meet", () => {
    assert.notEqual(
      jobName({ namespace: "a", name: "b-c" }, HASH, 1).slice(-10),
      jobName({ namespace: "a-b", name: "c" }, HASH, 1).slice(-10),
    );
  });

  it("counts attempts from one", () => {
    for (const attempt of [0, -1, 1.5, 1000])
      assert.throws(() => jobName({ namespace: "a", name: "b" }, HASH, attempt));
  });
});
