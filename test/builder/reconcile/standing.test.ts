import assert from "node:assert/strict";
import { stageOf } from "../../../builder/reconcile/standing";
import type { FunctionStatus } from "../../../contract/function/status";
import { condition, lambdaFunction } from "./support/lambdaFunction";

const image = "registry.example/functions/team-a@sha256:aa";
const read = condition("SourceReady", "True");

describe("where a build stands", () => {
  const cases: [string, FunctionStatus | undefined, ReturnType<typeof stageOf>][] = [
    ["is new without a status", undefined, { stage: "new", attempt: 1 }],
    [
      "is new when what is said is of an earlier generation",
      {
        observedGeneration: 1,
        conditions: [condition("SourceReady", "True", 1), condition("BuildReady", "True", 1)],
        buildStatus: { imageURI: image },
      },
      { stage: "new", attempt: 1 },
    ],
    [
      "is new while a condition of an earlier generation stands beside the present one's",
      {
        observedGeneration: 2,
        conditions: [condition("SourceReady", "Unknown"), condition("BuildReady", "True", 1)],
        buildStatus: { imageURI: image, jobName: "build-old" },
      },
      { stage: "new", attempt: 1 },
    ],
    [
      "is new, of the same attempt, while another's build of the same is waited for",
      {
        observedGeneration: 2,
        conditions: [read, condition("BuildReady", "Unknown")],
        buildStatus: { attempt: 3, templateVersion: 1 },
      },
      { stage: "new", attempt: 3 },
    ],
    [
      "is building once a job is named",
      {
        observedGeneration: 2,
        conditions: [read, condition("BuildReady", "Unknown")],
        buildStatus: { jobName: "build-1", attempt: 3 },
      },
      { stage: "building", jobName: "build-1", attempt: 3 },
    ],
    [
      "is retrying once the attempt has ended and the build has not failed",
      {
        observedGeneration: 2,
        conditions: [read, condition("BuildReady", "Unknown")],
        buildStatus: { jobName: "build-1", attempt: 3, completedAt: "2026-11-01T12:00:00Z" },
      },
      { stage: "retrying", jobName: "build-1", attempt: 3, failedAt: Date.parse("2026-11-01T12:00:00Z") },
    ],
    [
      "has failed when the source is no source",
      { observedGeneration: 2, conditions: [condition("SourceReady", "False")] },
      { stage: "failed" },
    ],
    [
      "has failed when the build has, whatever image was built before",
      {
        observedGeneration: 2,
        conditions: [read, condition("BuildReady", "False")],
        buildStatus: { imageURI: image },
      },
      { stage: "failed" },
    ],
    [
      "is built when there is an image of this generation",
      {
        observedGeneration: 2,
        conditions: [read, condition("BuildReady", "True")],
        buildStatus: { imageURI: image },
      },
      { stage: "built", image },
    ],
  ];
  for (const [name, status, expected] of cases)
    it(name, () => {
      assert.deepEqual(stageOf(lambdaFunction(status)), expected);
    });
});
