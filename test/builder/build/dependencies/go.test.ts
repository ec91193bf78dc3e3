import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareVersions,
  mergeGoMod,
  mergeGoSum,
  readGoModule,
} from "../../../../builder/build/dependencies/goMod";
import { readGoPackage } from "../../../../builder/build/dependencies/goPackage";
import { UserError } from "../../../../builder/types";

const PLATFORM =
  "module adapter\n\ngo 1.23.0\n\nrequire (\n\texample.com/framework v1.9.2\n\texample.com/uuid v1.6.0 // indirect\n)\n";
const moduleOf = (files: Record<string, string>) => readGoModule(new Map(Object.entries(files)), "1.26");
const entry = (target: string, ...files: string[]) =>
  readGoPackage(new Map(files.map((text, index) => [`f${index}.go`, text])), target);

describe("go.mod", () => {
  it("that is missing is made up, in the version that the spec asks for", () => {
    const { text, own, path, lockfile } = moduleOf({});
    assert.equal(text, "module function\n\ngo 1.26\n");
    assert.deepEqual([own, path, lockfile.kind], [false, "function", "none"]);
  });
  it("is locked by go.sum alone", () => {
    const text = "module example.com/fn\n\nrequire example.com/uuid v1.6.0\n";
    assert.equal(moduleOf({ "go.mod": text, "go.sum": "x h1:=\n" }).lockfile.kind, "locked");
    assert.equal(moduleOf({ "go.mod": text }).lockfile.kind, "ranges");
    assert.equal(moduleOf({ "go.mod": "module example.com/fn\n" }).lockfile.kind, "none");
  });
  it("knows modules in folders of the source", () => {
    const of = (line: string) => moduleOf({ "go.mod": `module example.com/fn\n\n${line}\n` }).needsSource;
    assert.equal(of("replace example.com/a => ./a"), true);
    assert.equal(of("replace (\n\texample.com/a v1.0.0 => ../a\n)"), true);
    assert.equal(of("replace example.com/a => example.com/b v1.0.0"), false);
    assert.equal(of("// replace example.com/a => ./a"), false);
  });
  for (const text of [
    "",
    "go 1.26\n",
    'module "a b"\n',
    "module a;b\n",
    "module $(id)\n",
    'module x"\n',
    "module ../up/\n",
  ])
    it(`${JSON.stringify(text)} names no module`, () => {
      assert.throws(
        () => moduleOf({ "go.mod": text }),
        (error: unknown) => error instanceof UserError && error.reason === "GoModInvalid",
      );
    });

  it("is joined with the platform's: what is missing or lower is added, what is higher stays", () => {
    const own =
      "module example.com/fn\n\ngo 1.24.0\n\nrequire example.com/framework v1.10.0\n\nrequire example.com/uuid v1.3.0\n";
    assert.equal(mergeGoMod(own, PLATFORM), `${own}\nrequire (\n\texample.com/uuid v1.6.0\n)\n`);
  });
  it("has its go line raised to what the platform's modules need, and never lowered", () => {
    assert.match(mergeGoMod("module a\n\ngo 1.21\n", PLATFORM), /^go 1\.23\.0$/m);
    assert.match(mergeGoMod("module a\n", PLATFORM), /^go 1\.23\.0$/m);
    assert.match(mergeGoMod("module a\n\ngo 1.26\n", PLATFORM), /^go 1\.26$/m);
  });
  it("that asks for all of it stays as it is", () => {
    assert.equal(mergeGoMod(PLATFORM, PLATFORM), PLATFORM);
  });
  it("has the sums of both, each once", () => {
    assert.equal(
      mergeGoSum("a v1 h1:x\nb v1 h1:y\n", "b v1 h1:y\nc v1 h1:z\n"),
      "a v1 h1:x\nb v1 h1:y\nc v1 h1:z\n",
    );
  });
  it("orders versions as semver does", () => {
    const ordered = [
      "v0.9.0",
      "v1.0.0-0.20200101000000-abc",
      "v1.0.0-alpha",
      "v1.0.0-alpha.1",
      "v1.0.0-alpha.beta",
      "v1.0.0-rc.2",
      "v1.0.0-rc.11",
      "v1.0.0",
      "v1.2.0",
      "v1.10.0",
      "v2.0.0+incompatible",
    ];
    for (let a = 0; a < ordered.length; a += 1)
      for (let b = 0; b < ordered.length; b += 1)
        assert.equal(
          Math.sign(compareVersions(ordered[a] ?? "", ordered[b] ?? "")),
          Math.sign(a - b),
          `${ordered[a] ?? ""} ${ordered[b] ?? ""}`,
        );
    assert.equal(compareVersions("1.26", "1.26.0"), 0);
  });
});

describe("a Go package", () => {
  it("with a main of its own is a program", () => {
    assert.deepEqual(entry("Handler", "package main\n\nfunc main() {}\nfunc Handler() {}\n"), {
      kind: "program",
    });
  });
  it("with the handler's function is adapted, whatever its package", () => {
    assert.deepEqual(entry("Handler", "package main\nfunc Handler(data map[string]any) (any, error) {}\n"), {
      kind: "function",
      package: "main",
      function: "Handler",
    });
    assert.deepEqual(entry("handler", "// Package fn\npackage fn\nfunc Handler() {}\n"), {
      kind: "function",
      package: "fn",
      function: "Handler",
    });
    assert.deepEqual(entry("Run", "package fn\n", "package fn\nvar Run = func() {}\n"), {
      kind: "function",
      package: "fn",
      function: "Run",
    });
  });
  it("may keep its function to itself only in main", () => {
    assert.deepEqual(entry("handle", "package main\nfunc handle() {}\n"), {
      kind: "function",
      package: "main",
      function: "handle",
    });
    assert.throws(() => entry("handle", "package fn\nfunc handle() {}\n"), /no func Handle/);
  });
  it("that registers with the framework is left to it", () => {
    assert.deepEqual(
      entry(
        "Hello",
        'package fn\nimport "github.com/GoogleCloudPlatform/functions-framework-go/functions"\nfunc init() { functions.HTTP("Hello", f) }\n',
      ),
      { kind: "registered", package: "fn" },
    );
  });
  it("is not misled by comments, texts and methods", () => {
    for (const text of [
      "// func Handler()\n",
      "/*\nfunc Handler() {}\n*/",
      "var x = `\nfunc Handler() {}\n`",
      "func (t T) Handler() {}",
      "func HandlerOf() {}",
      "\tfunc Handler() {}",
    ])
      assert.throws(
        () => entry("Handler", `package fn\n${text}\n`),
        (error: unknown) => error instanceof UserError && error.reason === "HandlerMissing",
        text,
      );
  });
  it("leaves out programs that are kept beside it", () => {
    assert.equal(
      entry(
        "Handler",
        "package fn\nfunc Handler() {}\n",
        "//go:build ignore\n\npackage main\nfunc main() {}\n",
      ).kind,
      "function",
    );
  });
  it("is one", () => {
    assert.throws(() => entry("Handler", "package a\n", "package b\n"), /here they say a, b/);
    assert.throws(() => entry("Handler", "no package\n"), UserError);
  });
  it("is read without a crash, whatever it says", () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/), (text, target) => {
        try {
          entry(target, text);
        } catch (error) {
          assert.ok(error instanceof UserError);
        }
      }),
    );
  });
});
