import assert from "node:assert/strict";
import { countByRefresh, isBraked, refreshStanding } from "../../../builder/reconcile/refreshStanding";
import type { FunctionStatus } from "../../../contract/function/status";
import { condition, lambdaFunction } from "./support/lambdaFunction";

const MINE = 3;
const read = condition("SourceReady", "True");
const refreshed = condition("Refreshed", "True");
const status = (templateVersion: number | undefined, more: Partial<FunctionStatus> = {}): FunctionStatus => ({
  phase: "Ready",
  observedGeneration: 2,
  conditions: [read, condition("BuildReady", "True")],
  buildStatus: { imageURI: "i@sha256:1", ...(templateVersion === undefined ? {} : { templateVersion }) },
  ...more,
});
const failing = (...conditions: ReturnType<typeof condition>[]): Partial<FunctionStatus> => ({
  phase: "Failed",
  conditions: [condition("BuildReady", "False"), ...conditions],
});

describe("how far a function is with being built anew by raised templates", () => {
  const cases: Record<string, [FunctionStatus | undefined, ReturnType<typeof refreshStanding>]> = {
    "of earlier templates, and built": [status(2), "past"],
    "of templates from before they had a number": [status(undefined), "past"],
    "of these templates from the first": [status(3), undefined],
    "of later ones": [status(4), undefined],
    "of later ones, which built it anew": [status(4, { conditions: [read, refreshed] }), undefined],
    new: [undefined, undefined],
    "of earlier templates, and failed by itself": [status(2, failing(read)), undefined],
    "of earlier templates, built, and unable to start": [
      status(2, { phase: "Failed", conditions: [read, condition("BuildReady", "True")] }),
      undefined,
    ],
    "of earlier templates, which failed to build it anew": [status(2, failing(read, refreshed)), "past"],
    "built anew": [
      status(3, { conditions: [read, condition("BuildReady", "True"), refreshed] }),
      "refreshed",
    ],
    "being built anew": [
      status(3, { phase: "Building", conditions: [read, condition("BuildReady", "Unknown"), refreshed] }),
      "refreshed",
    ],
    "built anew, and failed": [status(3, failing(read, refreshed)), "failed"],
    "built anew, and its revision can't start": [
      status(3, {
        phase: "Failed",
        conditions: [read, condition("BuildReady", "True"), condition("DeployReady", "False"), refreshed],
      }),
      "failed",
    ],
    "to be built anew, with a source that is gone": [
      status(3, failing(condition("SourceReady", "False"), refreshed)),
      "refreshed",
    ],
    "built anew in an earlier generation": [
      status(3, failing(read, condition("Refreshed", "True", 1))),
      undefined,
    ],
  };
  for (const [what, [given, expected]] of Object.entries(cases))
    it(`${what}: ${expected ?? "not its matter"}`, () => {
      assert.equal(refreshStanding(lambdaFunction(given), MINE), expected);
    });

  it("is not its matter where it goes, its source is an image, or a rollback holds it", () => {
    const given = status(2);
    assert.equal(
      refreshStanding(lambdaFunction(given, {}, { deletionTimestamp: "2026-11-01T12:00:00Z" }), MINE),
      undefined,
    );
    const image = { source: { type: "image", image: { repository: "example.com/given" } } };
    assert.equal(refreshStanding(lambdaFunction(given, image), MINE), undefined);
  });

  it("is counted over all", () => {
    const functions = [status(2), status(3, { conditions: [read, refreshed] }), status(3), undefined];
    assert.deepEqual(
      countByRefresh(
        functions.map((one) => lambdaFunction(one)),
        MINE,
      ),
      { past: 1, refreshed: 1, failed: 0 },
    );
  });
});

describe("the brake of what is built anew", () => {
  it("holds from three failures on that are more than a fifth", () => {
    const braked = (failed: number, of: number): boolean =>
      isBraked({ past: 100, refreshed: of - failed, failed });
    assert.deepEqual([braked(2, 2), braked(3, 3), braked(3, 14), braked(3, 15)], [false, true, true, false]);
    assert.deepEqual([braked(200, 1_000), braked(201, 1_000), braked(0, 0)], [false, true, false]);
  });
});
