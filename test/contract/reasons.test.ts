import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AUTHOR_REASONS, PLATFORM_REASONS } from "../../contract/function/reasons";
import { PAGE, pageWithReasons } from "../../tools/reasonsTable";

const ROOT = join(__dirname, "..", "..");
const reasons = { ...AUTHOR_REASONS, ...PLATFORM_REASONS };

describe("the reasons why a function is not as its author wants it", () => {
  it("are CamelCase words, each said once, with what to do in one line", () => {
    assert.equal(
      Object.keys(reasons).length,
      Object.keys(AUTHOR_REASONS).length + Object.keys(PLATFORM_REASONS).length,
    );
    for (const [reason, words] of Object.entries(reasons)) {
      assert.match(reason, /^([A-Z][a-z]+)+$/);
      assert.match(words, /^[a-z`][^\n|]*[^.\n|]$/, reason);
    }
  });

  it("are what the builder gives, all of them: the compiler refuses another", () => {
    const sources = readdirSync(join(ROOT, "builder"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(ROOT, "builder", file), "utf8"))
      .join("\n");
    // The one that is put together from a kind.
    const given = sources.replaceAll("`Build${kind}`", '"BuildOutOfMemory" "BuildOutOfDisk"');
    assert.deepEqual(
      Object.keys(reasons).filter((reason) => !given.includes(`"${reason}"`)),
      [],
    );
  });

  it("stand in docs/functions.md", () => {
    const page = readFileSync(PAGE, "utf8");
    assert.equal(page, pageWithReasons(page), "run npm run docs");
  });
});
