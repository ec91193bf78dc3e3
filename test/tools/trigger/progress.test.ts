import assert from "node:assert/strict";
import type { FunctionStatus } from "../../../contract/function/status";
import { checkSource } from "../../../tools/trigger/checkSource";
import { follow } from "../../../tools/trigger/follow";
import { type LambdaFunction, outcome, progressOf } from "../../../tools/trigger/progress";
import { progressLine } from "../../../tools/trigger/terminal";
import { condition, parser } from "./support";

const IMAGE = `10.244.77.2:5000/functions/knative-lambda@sha256:${"a".repeat(64)}`;
const ready: FunctionStatus = {
  phase: "Ready",
  observedGeneration: 2,
  conditions: [condition("SpecHonoured", "False", "NoEffect", "triggers have no effect")],
  buildStatus: {
    strategy: "kaniko",
    jobName: "build-parser-1-0123456789",
    imageURI: IMAGE,
    durationSeconds: 24.31,
    cacheHits: 3,
    cacheRequests: 5,
  },
  serviceStatus: { url: "http://parser-1.knative-lambda.example.com", ready: true },
};
const failed: FunctionStatus = {
  phase: "Failed",
  observedGeneration: 2,
  conditions: [
    condition("SourceReady", "True", "Fetched", "fetched"),
    condition("BuildReady", "False", "UserError", "pip: no such package"),
  ],
  buildStatus: { error: "ERROR: No matching distribution found for nupmy" },
};
const start = JSON.stringify({ id: "event-2", generation: 2 });
const asked = { "lambda.knative.io/command-build.start": start };
const acted = { ...asked, "lambda.knative.io/acted-build.start": "event-2" };

describe("a function's progress", () => {
  it("counts only what is said of the generation that was asked for", () => {
    assert.deepEqual(progressOf(parser({ ...ready, observedGeneration: 1 })), {
      phase: "Pending",
      about: "not yet taken up",
      ended: undefined,
    });
    assert.equal(progressOf(parser()).ended, undefined);
    assert.equal(progressOf(parser(ready)).ended, "Ready");
  });

  it("is not the last build's while a build is asked for that is not begun", () => {
    assert.equal(progressOf(parser(ready, asked)).ended, undefined);
    assert.equal(progressOf(parser(failed, asked)).ended, undefined);
    assert.equal(progressOf(parser(ready, acted)).ended, "Ready");
    const older = { ...asked, "lambda.knative.io/acted-build.start": "event-1" };
    assert.equal(progressOf(parser(ready, older)).ended, undefined);
  });

  it("names the Job, its attempt and what is waited for", () => {
    const building: FunctionStatus = {
      phase: "Building",
      observedGeneration: 2,
      conditions: [
        condition("SourceReady", "True", "Fetched", "fetched"),
        condition("BuildReady", "Unknown", "Queued", "waits for its turn\nsecond line"),
      ],
      buildStatus: { jobName: "build-parser-1-0123456789-2", attempt: 2 },
    };
    assert.deepEqual(progressOf(parser(building)), {
      phase: "Building",
      about: "build-parser-1-0123456789-2, attempt 2; Queued: waits for its turn",
      ended: undefined,
    });
  });

  it("ends with time, image and address, or with why it failed", () => {
    assert.deepEqual(outcome(parser(ready), "Ready", 31), [
      "Ready after 31 s (built in 24.3 s, 3 of 5 layers from the cache)",
      `image ${IMAGE}`,
      "url   http://parser-1.knative-lambda.example.com",
    ]);
    const reused = parser({ ...ready, buildStatus: { strategy: "reuse", imageURI: IMAGE } });
    assert.equal(outcome(reused, "Ready", 2)[0], "Ready after 2 s (an image that was there)");
    assert.deepEqual(outcome(parser(failed), "Failed", 12), [
      "Failed after 12 s: UserError: pip: no such package",
      "ERROR: No matching distribution found for nupmy",
    ]);
  });
});

describe("following a build", () => {
  const watch = (...states: (LambdaFunction | undefined)[]) => {
    const shown: string[] = [];
    const left = [...states];
    return {
      shown,
      end: follow({
        read: () => Promise.resolve(left.length > 1 ? left.shift() : left[0]),
        show: ({ phase }) => shown.push(phase),
        giveUpSeconds: 0,
        everyMs: 1,
      }),
    };
  };

  it("ends when it is Ready, and when it has Failed", async () => {
    assert.equal((await watch(parser(ready)).end).ended, "Ready");
    assert.equal((await watch(parser(failed)).end).ended, "Failed");
  });

  it("goes on until then", async () => {
    const states = [parser(), parser({ phase: "Building", observedGeneration: 2 }), parser(ready)];
    const shown: string[] = [];
    const { ended } = await follow({
      read: () => Promise.resolve(states.shift()),
      show: ({ phase }) => shown.push(phase),
      giveUpSeconds: 60,
      everyMs: 1,
    });
    assert.equal(ended, "Ready");
    assert.deepEqual(shown, ["Pending", "Building", "Ready"]);
  });

  it("fails where the function is deleted, or where it takes too long", async () => {
    await assert.rejects(watch(undefined).end, /^Error: the function is gone$/);
    await assert.rejects(watch(parser()).end, /^Error: not ready after 0 s: Pending; it goes on/);
  });
});

describe("the progress line", () => {
  const told = (isTTY: boolean): string => {
    let text = "";
    const line = progressLine({ isTTY, columns: 40, write: (more) => (text += more) });
    line.show({ phase: "Building", about: "build-1", ended: undefined }, 1);
    line.show({ phase: "Building", about: "build-1", ended: undefined }, 2);
    line.show({ phase: "Ready", about: "", ended: "Ready" }, 31);
    line.end();
    return text;
  };

  it("is written over on a terminal, a line for each phase, and never wraps", () => {
    assert.equal(
      told(true),
      "\r\u001b[K   1 s  Building   build-1\r\u001b[K   2 s  Building   build-1\n\r\u001b[K  31 s  Ready\n",
    );
    let text = "";
    progressLine({ isTTY: true, columns: 20, write: (more) => (text += more) }).show(
      { phase: "Building", about: "a long message", ended: undefined },
      1,
    );
    assert.equal(text.replace("\r\u001b[K", "").length, 19);
  });

  it("is one line for each change elsewhere, with nothing in it but text", () => {
    assert.equal(told(false), "   1 s  Building   build-1\n  31 s  Ready\n");
  });
});

describe("an upload for a function that exists", () => {
  it("is refused where the function is built from elsewhere: it would build old code and call it done", () => {
    const key = "knative-lambda/parser-1.tar.gz";
    assert.doesNotThrow(() => {
      checkSource(parser(), "function-sources", key);
    });
    const git = {
      ...parser(),
      spec: { ...parser().spec, source: { type: "git", git: { url: "https://a/b" } } },
    } as const;
    for (const [fn, bucket] of [
      [git, "function-sources"],
      [parser(), "another"],
    ] as const)
      assert.throws(() => {
        checkSource(fn, bucket, key);
      }, /^UsageError: parser-1 is built from .*, not from what SOURCE uploads/);
  });
});
