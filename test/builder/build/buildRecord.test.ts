import assert from "node:assert/strict";
import { BUILD_ANNOTATION, readRecord } from "../../../builder/build/buildRecord";
import { LABELS } from "../../../contract/labels";
import { job, RECORD } from "./support/job";

describe("the record of a build", () => {
  it("is read from its Job as it was written", () => {
    assert.deepEqual(readRecord(job()), RECORD);
    const { correlationId, ...without } = RECORD;
    assert.ok(correlationId);
    assert.deepEqual(readRecord(job({}, { record: without })), without);
  });
  it("is none where the Job isn't ours, or somebody changed it", () => {
    const annotated = (text: string, build = "true") =>
      readRecord({
        metadata: { labels: { [LABELS.build]: build }, annotations: { [BUILD_ANNOTATION]: text } },
      });
    assert.equal(readRecord({}), undefined);
    assert.equal(annotated(JSON.stringify(RECORD), "false"), undefined);
    for (const text of [
      "",
      "null",
      "{",
      JSON.stringify({ ...RECORD, attempt: 0 }),
      JSON.stringify({ ...RECORD, generation: "3" }),
    ])
      assert.equal(annotated(text), undefined, text);
  });
});
