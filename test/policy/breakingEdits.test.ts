import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { variants } from "../engine/support/breakingEdits";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

// What the policies say of each edit is the engine's suite's to try. That there is something to edit is known in no time.
describe("edits of components that policies refuse", () => {
  it("find what they change, exactly once, in the components as they are", () => {
    const edits = variants.flat();
    assert.ok(edits.length > 40);
    assert.deepEqual(
      edits.filter(
        ({ file, from }) => readFileSync(resolve(PROJECT_FOLDER, file), "utf8").split(from).length !== 2,
      ),
      [],
    );
  });
});
