import assert from "node:assert/strict";
import { readArguments } from "../../../tools/trigger/asked";

const of = (...argv: string[]) => readArguments(["--stack", "dev", ...argv]);

describe("what is asked of the trigger", () => {
  it("is a parser, whose name gets its prefix only where it has none", () => {
    assert.equal(of("--parser-id", "42").name, "parser-42");
    assert.equal(of("--parser-id", "parser-42").name, "parser-42");
    assert.equal(of("--parser-id", "my-parser-42").name, "parser-my-parser-42");
  });

  it("is nothing more unless it is said", () => {
    assert.deepEqual(of("--parser-id", "1"), {
      stack: "dev",
      name: "parser-1",
      namespace: undefined,
      source: undefined,
      runtime: undefined,
      runtimeVersion: undefined,
      handler: undefined,
      wait: false,
    });
    assert.equal(of("--parser-id", "1", "--wait").wait, true);
  });

  it("names what is missing or wrong as it was written", () => {
    assert.throws(() => readArguments([]), /^UsageError: which stack\?\nmake trigger-build-/);
    assert.throws(() => of(), /^UsageError: which parser\? PARSER_ID is missing/);
    assert.throws(() => of("--parser-id", ""), /PARSER_ID is missing/);
    assert.throws(
      () => of("--parser-id", "My_Parser"),
      /PARSER_ID=My_Parser makes parser-My_Parser, which is no/,
    );
    assert.throws(() => of("--parser-id", "a".repeat(57)), /at most 63/);
    assert.throws(() => of("--parser-id", "1", "--namespace", "a/b"), /NAMESPACE=a\/b is no namespace/);
    assert.throws(
      () => of("--parser-id", "1", "--runtime", "ruby"),
      /RUNTIME=ruby is none of nodejs, python, go/,
    );
    assert.throws(() => of("--parser-id", "1", "--force"), /^UsageError: Unknown option '--force'/);
  });
});
