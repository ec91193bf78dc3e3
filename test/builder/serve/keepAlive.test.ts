import assert from "node:assert/strict";
import { type KeepAliveEnvironment, keptFunctions } from "../../../builder/serve/keepAlive";
import { LABELS } from "../../../contract/labels";
import { lambdaFunction } from "../reconcile/support/lambdaFunction";

const environment = (more: Partial<KeepAliveEnvironment>): KeepAliveEnvironment => ({
  KEEP_ALIVE_FUNCTIONS: [],
  KEEP_ALIVE_BY_LABEL: false,
  KEEP_ALIVE_MIN_SCALE: 1,
  KEEP_ALIVE_MAX_SCALE: 10,
  KEEP_ALIVE_TARGET: 10,
  KEEP_ALIVE_ALLOW_MANY: false,
  ...more,
});
const labelled = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    lambdaFunction(
      undefined,
      {},
      { name: `f-${String(index).padStart(2, "0")}`, labels: { [LABELS.keepAlive]: "true" } },
    ),
  );

describe("functions that keep a pod", () => {
  it("are those that the settings name; a label alone does nothing", () => {
    const named = environment({ KEEP_ALIVE_FUNCTIONS: ["team-a/hot"] });
    assert.deepEqual([...keptFunctions(named, labelled(3))], ["team-a/hot"]);
  });

  it("are the labelled ones too where the settings say so, up to 9 in all, by name", () => {
    const kept = keptFunctions(
      environment({ KEEP_ALIVE_FUNCTIONS: ["team-a/hot"], KEEP_ALIVE_BY_LABEL: true }),
      labelled(12),
    );
    assert.equal(kept.size, 9);
    assert.equal(kept.has("team-a/f-07"), true);
    assert.equal(kept.has("team-a/f-08"), false);
  });

  it("are all of them where many are allowed", () => {
    const all = environment({ KEEP_ALIVE_BY_LABEL: true, KEEP_ALIVE_ALLOW_MANY: true });
    assert.equal(keptFunctions(all, labelled(12)).size, 12);
  });

  it("are none that are labelled otherwise", () => {
    const other = lambdaFunction(undefined, {}, { labels: { [LABELS.keepAlive]: "false" } });
    assert.equal(keptFunctions(environment({ KEEP_ALIVE_BY_LABEL: true }), [other]).size, 0);
  });
});
