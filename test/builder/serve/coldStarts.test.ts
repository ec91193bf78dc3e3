import assert from "node:assert/strict";
import type { Pod } from "../../../builder/kubernetes/resources";
import { ColdStarts } from "../../../builder/serve/coldStarts";

const pod = (uid: string, ready: boolean, revision = "parser-1-00001"): Pod => ({
  metadata: { name: uid, namespace: "team-a", uid, labels: { "serving.knative.dev/revision": revision } },
  status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});

describe("cold starts", () => {
  let clock = 0;
  let seen: [string | undefined, number][] = [];
  let starts: ColdStarts;

  beforeEach(() => {
    clock = 0;
    seen = [];
    starts = new ColdStarts(
      ({ metadata }, seconds) => seen.push([metadata.uid, seconds]),
      () => clock,
    );
  });

  it("run from a revision's first pod appearing to that pod being Ready, once", () => {
    starts.see(pod("a", false), true);
    clock = 1500;
    starts.see(pod("a", true), false);
    clock = 9000;
    starts.see(pod("a", true), false);
    assert.deepEqual(seen, [["a", 1.5]]);
  });

  it("are none where another pod is Ready", () => {
    starts.see(pod("a", true), false);
    starts.see(pod("b", false), true);
    starts.see(pod("b", true), false);
    assert.deepEqual(seen, []);
  });

  it("are none of pods whose beginning nobody saw", () => {
    starts.see(pod("a", false), false);
    starts.see(pod("a", true), false);
    assert.deepEqual(seen, []);
  });

  it("are measured again after the revision has gone to zero, and apart for each revision", () => {
    starts.see(pod("a", false), true);
    starts.see(pod("a", true), false);
    starts.gone(pod("a", true));
    clock = 10_000;
    starts.see(pod("b", false), true);
    starts.see(pod("x", true, "parser-1-00002"), false);
    clock = 12_000;
    starts.see(pod("b", true), false);
    assert.deepEqual(seen, [
      ["a", 0],
      ["b", 2],
    ]);
  });

  it("are none of a pod that was overtaken by another", () => {
    starts.see(pod("a", false), true);
    starts.see(pod("b", false), true);
    starts.see(pod("b", true), false);
    starts.see(pod("a", true), false);
    assert.deepEqual(seen, []);
  });
});
