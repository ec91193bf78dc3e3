import assert from "node:assert/strict";
import { isLiveTagOf, liveTag } from "../../../builder/serve/liveTags";
import { serviceState } from "../../../builder/serve/serviceState";

const service = (status: Record<string, unknown>, generation = 2) => ({
  metadata: { name: "parser-1", namespace: "team-a", generation },
  status,
});
const ready = { type: "Ready", status: "True" };

describe("a Service's state", () => {
  it("is ready only of its present spec and its newest revision", () => {
    const status = {
      observedGeneration: 2,
      latestCreatedRevisionName: "r2",
      latestReadyRevisionName: "r2",
      conditions: [ready],
    };
    assert.equal(serviceState(service(status)).ready, "ready");
    assert.equal(serviceState(service(status, 3)).ready, "unknown");
    assert.equal(serviceState(service({ ...status, latestCreatedRevisionName: "r3" })).ready, "unknown");
    assert.equal(serviceState(service({})).ready, "unknown");
  });

  it("has failed where the revision can't start, and names the one that serves on", () => {
    const state = serviceState(
      service({
        observedGeneration: 2,
        latestCreatedRevisionName: "r2",
        latestReadyRevisionName: "r1",
        conditions: [
          { type: "ConfigurationsReady", status: "False", reason: "RevisionFailed", message: "exit 1" },
          { type: "Ready", status: "False" },
        ],
      }),
    );
    assert.deepEqual(
      [state.ready, state.reason, state.message, state.latestReady],
      ["failed", "RevisionFailed", "exit 1", "r1"],
    );
  });

  it("has failed as soon as a pod of the newest revision has, before Knative says so", () => {
    const status = {
      observedGeneration: 2,
      latestCreatedRevisionName: "r2",
      latestReadyRevisionName: "r1",
      conditions: [{ type: "Ready", status: "Unknown" }],
    };
    const crashed = { reason: "FunctionCrashed", message: "exit code 1" } as const;
    const state = serviceState(service(status), (revision) => (revision === "r2" ? crashed : undefined));
    assert.deepEqual([state.ready, state.reason, state.latestReady], ["failed", "FunctionCrashed", "r1"]);
    assert.equal(
      serviceState(service({ ...status, latestReadyRevisionName: "r2", conditions: [ready] }), () => crashed)
        .ready,
      "ready",
    );
  });
});

describe("tags of what runs", () => {
  it("are of one function and one image", () => {
    const tag = liveTag("a", `sha256:${"0123456789ab".repeat(6)}`);
    assert.equal(tag, "live-a-0123456789ab");
    assert.equal(isLiveTagOf("a", tag), true);
    assert.equal(isLiveTagOf("a-0123456789ab", tag), false);
    assert.equal(isLiveTagOf("a", "live-a-b-0123456789ab"), false);
    assert.equal(isLiveTagOf("a", "build-a-0123456789ab"), false);
  });
});
