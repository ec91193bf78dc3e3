import assert from "node:assert/strict";
import { singleFileName } from "../../../builder/source/fileNames";

describe("the name of a source's only file", () => {
  for (const [name, language, handler, expected] of [
    ["0307ea43.py", "python", "main.handler", "main.py"],
    ["parser.py", "python", "parser.handler", "parser.py"],
    ["parser.py", "python", "other.handler", "main.py"],
    ["parser.py", "python", "index.handler", "main.py"],
    ["parser", "python", "parser.handler", "main.py"],
    ["parser.py", "nodejs", "parser.handler", "index.js"],
    ["code", "nodejs", "index.handler", "index.js"],
    ["fn.mjs", "nodejs", "fn.handler", "fn.mjs"],
    ["index.cjs", "nodejs", "index.handler", "index.cjs"],
    ["x.go", "go", "index.handler", "main.go"],
    [".py", "python", ".handler", "main.py"],
    ["a.b.py", "python", "a.b.handler", "a.b.py"],
  ] as const)
    it(`is ${expected} for ${name} of ${language} with handler ${handler}`, () => {
      assert.equal(singleFileName(name, { language, handler }), expected);
    });
});
