import assert from "node:assert/strict";
import { environment, instructions, run } from "../../../../builder/build/dockerfile/template";

describe("a Dockerfile's instructions", () => {
  it("are a line each, without those that are not there", () => {
    assert.equal(instructions(["FROM a", undefined, "USER 1"]), "FROM a\nUSER 1\n");
    assert.equal(run(["a", undefined, "b"]), "RUN a && \\\n    b");
  });
  it("take no variable whose value would be read as anything else", () => {
    assert.equal(
      environment({ A: "main.py", PATH: "/venv/bin:$PATH" }),
      "ENV A=main.py PATH=/venv/bin:$PATH",
    );
    for (const value of ["a b", "a\nRUN x", '"', "\\", "`id`", "a=b", "#", ""])
      assert.throws(() => environment({ A: value }), /A has a value/, value);
  });
});
