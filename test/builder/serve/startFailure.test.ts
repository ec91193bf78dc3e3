import assert from "node:assert/strict";
import type { Pod } from "../../../builder/kubernetes/resources";
import { startFailure } from "../../../builder/serve/startFailure";

const pod = (container: object): Pod =>
  ({
    metadata: { name: "p" },
    status: { containerStatuses: [{ name: "function", ready: false, restartCount: 0, ...container }] },
  }) as unknown as Pod;
const ended = { terminated: { exitCode: 1, reason: "Error", message: "line\nNo module named x" } };

describe("why a function's pod does not start", () => {
  it("is nothing while it starts, and once it is Ready", () => {
    assert.equal(startFailure(pod({ state: { waiting: { reason: "ContainerCreating" } } })), undefined);
    assert.equal(startFailure(pod({ state: ended })), undefined);
    assert.equal(startFailure(pod({ ready: true, restartCount: 3, lastState: ended })), undefined);
  });

  it("is the end of its log, once it has been started again in vain", () => {
    const failure = startFailure(
      pod({ restartCount: 1, lastState: ended, state: { waiting: { reason: "CrashLoopBackOff" } } }),
    );
    assert.equal(failure?.reason, "FunctionCrashed");
    assert.match(failure.message, /exit code 1.*\n.*No module named x/s);
  });

  it("names memory where that is it", () => {
    const failure = startFailure(
      pod({ restartCount: 1, lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } } }),
    );
    assert.match(failure?.message ?? "", /spec\.resources\.limits\.memory/);
  });

  it("names an image that can't be pulled", () => {
    assert.equal(
      startFailure(pod({ state: { waiting: { reason: "ImagePullBackOff" } } }))?.reason,
      "ImagePullFailed",
    );
  });
});
