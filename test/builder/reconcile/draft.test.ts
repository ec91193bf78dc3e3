import assert from "node:assert/strict";
import { Draft } from "../../../builder/reconcile/draft";
import { changed } from "../../../builder/reconcile/conditions";
import { condition, lambdaFunction, NOW } from "./support/lambdaFunction";

const later = new Date(NOW.getTime() + 60_000);

describe("a status in the making", () => {
  it("is nothing to write where it says what is said already, whatever the order of its fields", () => {
    const fn = lambdaFunction({
      conditions: [condition("BuildReady", "True")],
      phase: "Ready",
      observedGeneration: 2,
    });
    const draft = new Draft(fn, () => later).in("Ready").say("BuildReady", "True", "Because", "");
    assert.equal(draft.finish(), undefined);
  });

  it("keeps the time of a condition whose status stays, and takes a new one when it changes", () => {
    const fn = lambdaFunction({ conditions: [condition("BuildReady", "True")], observedGeneration: 2 });
    const same = new Draft(fn, () => later).say("BuildReady", "True", "Another", "x").finish();
    assert.equal(same?.conditions?.[0]?.lastTransitionTime, NOW.toISOString());
    const other = new Draft(fn, () => later).say("BuildReady", "False", "Another", "x").finish();
    assert.equal(other?.conditions?.[0]?.lastTransitionTime, later.toISOString());
  });

  it("is of the generation it was decided from, and leaves other conditions alone", () => {
    const fn = lambdaFunction({ conditions: [condition("SourceReady", "True", 1)], observedGeneration: 1 });
    const status = new Draft(fn, () => later).say("BuildReady", "Unknown", "BuildStarted", "").finish();
    assert.equal(status?.observedGeneration, 2);
    assert.deepEqual(
      status.conditions?.map(({ type, observedGeneration }) => [type, observedGeneration]),
      [
        ["SourceReady", 1],
        ["BuildReady", 2],
      ],
    );
  });

  it("tells of conditions with another status or reason, and not of another message", () => {
    const before = [condition("BuildReady", "True"), condition("SourceReady", "True")];
    const after = [
      { ...condition("BuildReady", "True"), message: "other words" },
      { ...condition("SourceReady", "True"), reason: "Other" },
    ];
    assert.deepEqual(
      changed(before, after).map(({ type }) => type),
      ["SourceReady"],
    );
  });
});
