import assert from "node:assert/strict";
import fc from "fast-check";
import { posix } from "node:path";
import { resolveInside, shown, sourcePath } from "../../../builder/source/sourcePath";
import { UserError } from "../../../builder/types";
import { userError } from "./support/trees";

describe("the path of a file in a source", () => {
  for (const [raw, path] of [
    ["main.py", "main.py"],
    ["./main.py", "main.py"],
    [".//./a/main.py", "a/main.py"],
    ["a/b/", "a/b"],
    [".wharf/x", ".wharf/x"],
    ["..main", "..main"],
    ["-rf", "-rf"],
    ["a b/$(x).py", "a b/$(x).py"],
    ["cafe\u0301.py", "caf\u00e9.py"],
    ["👩‍👩‍👧.txt", "👩‍👩‍👧.txt"],
  ] as const)
    it(`takes ${JSON.stringify(raw)} as ${path}`, () => {
      assert.equal(sourcePath(raw), path);
    });

  for (const [raw, message] of [
    ["", /has no name/],
    ["./", /has no name/],
    ["/etc/passwd", /is absolute/],
    ["..", /leaves the source/],
    ["a/../../b", /leaves the source/],
    ["a/../b", /leaves the source/],
    ["a//b", /empty part/],
    ["a/./b", /empty part or "\."/],
    ["a\\..\\b", /backslash/],
    ["C:\\x", /backslash/],
    ["a\0b", /no file name needs/],
    ["a\nRUN x", /no file name needs/],
    ["a\u202egnp.exe", /no file name needs/],
    ["a\u2028b", /no file name needs/],
    ["\ud800", /no file name needs/],
    ["caf\ufffd", /is not UTF-8/],
    [".wh.main.py", /images remove files/],
    ["a/.wh..wh..opq", /images remove files/],
    ["x".repeat(256), /part longer than 255 bytes/],
    ["é".repeat(128), /part longer than 255 bytes/],
    [`${"abc/".repeat(256)}x`, /longer than 1024 bytes/],
  ] as const)
    it(`refuses ${shown(raw)}`, () => {
      assert.throws(() => sourcePath(raw, "spec.source"), userError(message, "SourceInvalid", "spec.source"));
    });

  it("never leaves a folder, whatever the name", () => {
    const part = fc.oneof(fc.constantFrom("..", ".", "", "/", "a", "\\", "\0"), fc.string());
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const raw = parts.join("/");
        let path;
        try {
          path = sourcePath(raw);
        } catch (error) {
          return error instanceof UserError;
        }
        return posix.join("/tree", path).startsWith("/tree/") && sourcePath(path) === path;
      }),
    );
  });

  it("is quick about a name made to be slow", () => {
    const started = performance.now();
    sourcePathOrError(`${"./".repeat(200_000)}${"/".repeat(200_000)}x${"/".repeat(200_000)}`);
    assert.ok(performance.now() - started < 10_000);
  });
});

function sourcePathOrError(raw: string): void {
  try {
    sourcePath(raw);
  } catch (error) {
    assert.ok(error instanceof UserError);
  }
}

describe("a name in a message", () => {
  it("is one line, quoted, escaped and cut", () => {
    assert.equal(shown('a"\n\u202e\u0085'), '"a\\"\\n\\u{202e}\\u{85}"');
    assert.equal(shown("x".repeat(5000)).length, 120);
  });
});

describe("the target of a link", () => {
  it("is resolved against the link's folder", () => {
    assert.equal(resolveInside("a/b", "../c/./d"), "a/c/d");
    assert.equal(resolveInside("", "x"), "x");
  });

  it("is nothing where it leaves the source", () => {
    assert.equal(resolveInside("a", "/etc/passwd"), undefined);
    assert.equal(resolveInside("a", "../../etc/passwd"), undefined);
    assert.equal(resolveInside("a", "../../a/b"), undefined);
  });
});
