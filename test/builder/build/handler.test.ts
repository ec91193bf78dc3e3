import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_HANDLER, resolveHandler } from "../../../builder/build/handler";
import { functionSpec, LANGUAGES, type Language } from "../../../contract/function/spec";
import { UserError } from "../../../builder/types";
import { filesOf } from "./support/source";

const resolve = (language: Language, handler: string, ...paths: string[]) =>
  resolveHandler({ language, handler }, filesOf(Object.fromEntries(paths.map((path) => [path, ""]))));

describe("a handler", () => {
  it("that a spec leaves out is what the API server writes", () => {
    assert.equal(functionSpec.shape.runtime.shape.handler.parse(undefined), DEFAULT_HANDLER);
  });

  const found: [
    language: Language,
    handler: string,
    paths: string[],
    file: string,
    module: string,
    target: string,
  ][] = [
    ["python", "main.handler", ["main.py"], "main.py", "main", "handler"],
    ["python", "app.parsers.run", ["app/parsers.py"], "app/parsers.py", "app.parsers", "run"],
    ["python", "src/main.handler", ["src/main.py"], "src/main.py", "src.main", "handler"],
    ["python", "pkg.handler", ["pkg/__init__.py"], "pkg/__init__.py", "pkg", "handler"],
    ["python", "handler", ["main.py"], "main.py", "main", "handler"],
    ["nodejs", "index.handler", ["index.js"], "index.js", "index", "handler"],
    ["nodejs", "index.handler", ["index.mjs"], "index.mjs", "index", "handler"],
    ["nodejs", "index.handler", ["index.cjs", "index.js"], "index.js", "index", "handler"],
    ["nodejs", "dist/app.main", ["dist/app.js"], "dist/app.js", "dist/app", "main"],
    ["nodejs", "lib.v2.run", ["lib.v2.js"], "lib.v2.js", "lib.v2", "run"],
    ["go", "main.Handler", ["main.go"], ".", ".", "Handler"],
    [
      "go",
      "functions/hello.Handler",
      ["main.go", "functions/hello/hello.go"],
      "functions/hello",
      "functions/hello",
      "Handler",
    ],
    ["go", "Handler", ["fn.go"], ".", ".", "Handler"],
  ];
  for (const [language, handler, paths, file, module, target] of found)
    it(`${handler} is ${target} of ${file} in ${paths.join(", ")} (${language})`, () => {
      assert.deepEqual(resolve(language, handler, ...paths), {
        file,
        module,
        target,
        given: handler !== DEFAULT_HANDLER,
      });
    });

  it("that the spec leaves out is the language's usual one", () => {
    assert.equal(resolve("python", DEFAULT_HANDLER, "main.py").module, "main");
    assert.equal(resolve("python", DEFAULT_HANDLER, "main.py", "index.py").module, "index");
    assert.equal(resolve("nodejs", DEFAULT_HANDLER, "index.js").file, "index.js");
    assert.equal(resolve("go", DEFAULT_HANDLER, "main.go").file, ".");
  });

  it("that names another file than there is is an error that says which", () => {
    assert.throws(
      () => resolve("python", "app.handler", "main.py"),
      (error: unknown) =>
        error instanceof UserError &&
        error.reason === "HandlerMissing" &&
        error.field === "spec.runtime.handler" &&
        /no app\.py or app\/__init__\.py/.test(error.message),
    );
    assert.throws(
      () => resolve("nodejs", "index.handler", "main.js"),
      /no index\.js or index\.mjs or index\.cjs/,
    );
  });

  it("of Go needs a file that Go compiles", () => {
    for (const path of ["main_test.go", "_main.go", ".main.go", "sub/main.go", "main.go.txt"])
      assert.throws(() => resolve("go", "main.Handler", path), /no \.go file/, path);
  });

  const hostile = [
    'index.handler"; const fs=require("fs"); const x="',
    '"; import os; x="',
    "index.handler\nRUN curl evil",
    "$(id).handler",
    "`id`.handler",
    "index.handler; rm -rf /",
    "../../etc/passwd.handler",
    "/etc/passwd.handler",
    "a/../b.handler",
    "a//b.handler",
    "a..b.handler",
    ".hidden.handler",
    "a.",
    "",
    "a.b c",
    "a.${PATH}",
    "index.hand-ler",
    "main.été",
    "x".repeat(300),
  ];
  for (const handler of hostile)
    it(`${JSON.stringify(handler.slice(0, 40))} is refused`, () => {
      for (const language of LANGUAGES)
        assert.throws(() => resolve(language, handler, "index.js", "main.py", "main.go"), UserError);
    });

  it("is of plain characters whenever it is accepted", () => {
    fc.assert(
      fc.property(fc.constantFrom(...LANGUAGES), fc.string({ maxLength: 40 }), (language, handler) => {
        try {
          const { file, module, target } = resolve(language, handler, "index.js", "main.py", "main.go");
          assert.match(`${file}${module}${target}`, /^[\w./-]+$/);
        } catch (error) {
          assert.ok(error instanceof UserError);
        }
      }),
    );
  });
});
