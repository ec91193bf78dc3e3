import assert from "node:assert/strict";
import { dueCommands, heldImage, HELD_IMAGE_ANNOTATION, holdText } from "../../../builder/reconcile/commands";
import { actedAnnotation, commandAnnotation, commandText } from "../../../contract/annotations";
import { lambdaFunction } from "./support/lambdaFunction";

const image = `registry.example/functions/team-a@sha256:${"a".repeat(64)}`;
const withAnnotations = (annotations: Record<string, string>) =>
  lambdaFunction(undefined, {}, { annotations });

describe("commands to a function", () => {
  it("are due until they were acted on", () => {
    const asked = { [commandAnnotation("build.retry")]: commandText({ id: "e1", generation: 2 }) };
    assert.deepEqual(dueCommands(withAnnotations(asked)), [
      { command: "build.retry", id: "e1", stale: false },
    ]);
    assert.deepEqual(dueCommands(withAnnotations({ ...asked, [actedAnnotation("build.retry")]: "e1" })), []);
    assert.equal(
      dueCommands(withAnnotations({ ...asked, [actedAnnotation("build.retry")]: "e0" })).length,
      1,
    );
  });

  it("are stale where they were about an earlier generation, and never where they name none", () => {
    const old = { [commandAnnotation("build.cancel")]: commandText({ id: "e1", generation: 1 }) };
    assert.equal(dueCommands(withAnnotations(old))[0]?.stale, true);
    assert.equal(
      dueCommands(withAnnotations({ [commandAnnotation("build.cancel")]: "by-hand" }))[0]?.stale,
      false,
    );
  });

  it("hold an image for the generation of the rollback, and for no other", () => {
    assert.equal(heldImage(withAnnotations({ [HELD_IMAGE_ANNOTATION]: holdText(2, image) })), image);
    assert.equal(heldImage(withAnnotations({ [HELD_IMAGE_ANNOTATION]: holdText(1, image) })), undefined);
    assert.equal(heldImage(withAnnotations({ [HELD_IMAGE_ANNOTATION]: "no JSON" })), undefined);
    assert.equal(heldImage(withAnnotations({})), undefined);
  });
});
