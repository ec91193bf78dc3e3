import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../builder/types";
import { LANGUAGES } from "../../../contract/function/spec";
import { GO } from "./support/golden";
import { planOf } from "./support/source";

describe("nothing of the user's", () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "$(touch /pwned)",
      "`id`",
      '"; RUN evil',
      "\nRUN evil\n",
      "a\\\nRUN evil",
      "${PATH}",
      "' || evil",
    ),
  );

  it("gets into a Dockerfile, but for a handler of plain characters", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LANGUAGES),
        hostile,
        hostile,
        hostile,
        (language, handler, manifest, name) => {
          const texts: Record<string, string> = {
            "main.py": "",
            "index.js": "",
            "main.go": GO,
            [`${name.replaceAll("/", "_")}.txt`]: "",
            "requirements.txt": `six==1.17.0 # ${manifest.replaceAll("\n", " ")}\n--extra-index-url ${manifest.replace(/[\n\\]/g, " ")}\n`,
            "package.json": JSON.stringify({ dependencies: { [manifest]: manifest }, name: manifest }),
            ".dockerignore": manifest,
          };
          const usual = planOf(
            language,
            { ...texts, ".dockerignore": "" },
            language === "go"
              ? "main.Handler"
              : "main.handler".replace("main", language === "python" ? "main" : "index"),
          );
          let plan;
          try {
            plan = planOf(language, texts, handler);
          } catch (error) {
            assert.ok(error instanceof UserError, String(error));
            return;
          }
          // The same instructions but for the handler's own variables.
          const plain = (text: string) =>
            text.replace(/(FUNCTION_TARGET|HANDLER_MODULE|HANDLER_FILE)=[\w./-]+/g, "$1");
          assert.equal(plain(plan.dockerfile), plain(usual.dockerfile));
        },
      ),
    );
  });

  it("of a Go package's path or function gets into the program that is added, unless Go takes it for a name", () => {
    const program = planOf("go", { "fn.go": GO, "go.mod": "module example.com/a~b/c-d_e.v2\n" }).extraFiles[
      "platform/module/main.go.txt"
    ];
    assert.match(program ?? "", /^\tknativeLambdaFunction "example\.com\/a~b\/c-d_e\.v2"$/m);
    for (const path of ['x"; import "os', "x\ty", "x`y", "x\\ny"])
      assert.throws(() => planOf("go", { "fn.go": GO, "go.mod": `module ${path}\n` }), UserError, path);
  });
});
