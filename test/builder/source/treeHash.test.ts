import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { byPath, treeHash } from "../../../builder/source/treeHash";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
type File = Parameters<typeof treeHash>[0][number];
const file = (path: string, contents = "", executable = false): File => ({
  path,
  executable,
  sha256: sha256(contents),
});

describe("the hash of a tree", () => {
  it("is the same whatever the order of its files", () => {
    const files = [file("b"), file("a", "x"), file("a/b", "y", true)];
    assert.equal(treeHash(files), treeHash([...files].reverse()));
  });

  it("stays what it was: images are found by it", () => {
    assert.equal(
      treeHash([file("main.py", "print(1)\n"), file("run.sh", "", true)]),
      sha256(`main.py\0-${sha256("print(1)\n")}run.sh\0x${sha256("")}`),
    );
  });

  for (const [what, one, other] of [
    ["a name", [file("a")], [file("b")]],
    ["an executable bit", [file("a")], [file("a", "", true)]],
    ["contents", [file("a", "x")], [file("a", "y")]],
    ["a file more", [file("a")], [file("a"), file("b")]],
    ["contents that change places", [file("a", "x"), file("b", "y")], [file("a", "y"), file("b", "x")]],
    ["a part of a name that moves to the next", [file("a"), file("bc")], [file("ab"), file("c")]],
  ] as const)
    it(`changes with ${what}`, () => {
      assert.notEqual(treeHash(one), treeHash(other));
    });

  it("is of one tree only", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes("\0"));
    const files = fc.uniqueArray(
      fc.record({ path: name, executable: fc.boolean(), sha256: fc.constantFrom(sha256("a"), sha256("b")) }),
      { selector: ({ path }) => path },
    );
    fc.assert(
      fc.property(files, files, (one, other) => {
        const same = JSON.stringify([...one].sort(byPath)) === JSON.stringify([...other].sort(byPath));
        return (treeHash(one) === treeHash(other)) === same;
      }),
    );
  });
});
