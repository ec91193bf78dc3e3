import assert from "node:assert/strict";
import {
  classify,
  type EndedBuild,
  IMAGE_PULL_GRACE_SECONDS,
  RESULT_OF,
} from "../../../builder/build/failure";
import { ended, failed, job, pod, started, waiting } from "./support/endedBuild";
import { FAILED } from "./support/kanikoLog";

const said = (change: Partial<EndedBuild>) =>
  classify({
    job: failed,
    pod: undefined,
    log: undefined,
    limits: { memory: "4Gi", disk: "20Gi" },
    ownDockerfile: false,
    cancelled: false,
    now: new Date("2026-11-25T05:00:00Z"),
    ...change,
  });

describe("a build that failed", () => {
  const table: [
    what: string,
    build: Partial<EndedBuild>,
    kind: string,
    reason: string,
    retry: boolean,
    message: RegExp,
  ][] = [
    [
      "out of memory, by the kernel's word",
      { pod: ended(137, "OOMKilled"), log: "" },
      "OutOfMemory",
      "BuildOutOfMemory",
      false,
      /limit of 4Gi; have builderService\.kaniko\.resources\.limits\.memory raised/,
    ],
    [
      "out of memory in a command alone",
      { pod: ended(137), log: FAILED.killed },
      "OutOfMemory",
      "BuildOutOfMemory",
      false,
      /^a command of the build ran out of memory/,
    ],
    [
      "out of disk, by the kubelet's word",
      {
        pod: pod(undefined, {
          reason: "Evicted",
          message: "Pod ephemeral local storage usage exceeds the total limit of containers 20Gi. ",
        }),
      },
      "OutOfDisk",
      "BuildOutOfDisk",
      false,
      /limit of 20Gi; have builderService\.kaniko\.resources\.limits\.ephemeral-storage raised/,
    ],
    [
      "past its deadline",
      { job: job("Failed", "DeadlineExceeded"), pod: ended(137) },
      "Deadline",
      "BuildDeadlineExceeded",
      false,
      /longer than 600 s; raise spec\.build\.timeout/,
    ],
    [
      "past its deadline, without a pod",
      { job: job("FailureTarget", "DeadlineExceeded") },
      "Deadline",
      "BuildDeadlineExceeded",
      false,
      /longer than 600 s/,
    ],
    [
      "past its deadline without an image to run",
      { job: job("Failed", "DeadlineExceeded"), pod: waiting("kaniko", "ErrImagePull") },
      "Deadline",
      "BuildDeadlineExceeded",
      false,
      /can't be pulled/,
    ],
    [
      "by a command of the user's",
      { pod: ended(1), log: FAILED.command },
      "UserError",
      "BuildCommandFailed",
      false,
      /exit status 1/,
    ],
    [
      "by a command of the user's, its log lost",
      { pod: ended(1, "Error", FAILED.command) },
      "UserError",
      "BuildCommandFailed",
      false,
      /exit status 1/,
    ],
    [
      "by an unknown cause",
      { pod: ended(1), log: "error building image: something new\n" },
      "Infrastructure",
      "BuildFailed",
      true,
      /something new/,
    ],
    ["without a word", { pod: ended(1), log: "" }, "Infrastructure", "BuildFailed", true, /left no log/],
    ["with its pod gone", {}, "Infrastructure", "BuildPodLost", true, /BackoffLimitExceeded/],
    [
      "before it began",
      {
        pod: pod(undefined, {
          initContainerStatuses: [
            {
              name: "context",
              state: { terminated: { exitCode: 1, message: "the builder did not answer" } },
            },
          ],
        }),
      },
      "Infrastructure",
      "ContextFetchFailed",
      true,
      /could not be fetched/,
    ],
    [
      "by eviction",
      { pod: pod(undefined, { reason: "Evicted", message: "The node was low on resource: memory." }) },
      "Evicted",
      "BuildEvicted",
      true,
      /low on resource: memory/,
    ],
    [
      "with its node",
      {
        pod: pod(
          { exitCode: 137, reason: "Error" },
          { conditions: [{ type: "DisruptionTarget", status: "True" }] },
        ),
      },
      "Evicted",
      "BuildEvicted",
      true,
      /node was taken away/,
    ],
    [
      "by its end being asked for",
      { pod: ended(1), log: FAILED.command, cancelled: true },
      "Cancelled",
      "BuildCancelled",
      false,
      /was cancelled/,
    ],
    [
      "without Kaniko's image",
      { job: job(), pod: waiting("kaniko", "ImagePullBackOff") },
      "ImagePull",
      "BuildImagePullFailed",
      true,
      /registry\.example\.com\/kaniko:v1 \(ImagePullBackOff: not found\); see builderService\.kaniko\.image/,
    ],
    [
      "without the builder's image",
      { job: job(), pod: waiting("context", "ErrImagePull") },
      "ImagePull",
      "BuildImagePullFailed",
      true,
      /see builderService\.image/,
    ],
  ];
  for (const [what, build, kind, reason, retry, message] of table)
    it(`${what} is ${kind}${retry ? ", and tried again" : ""}`, () => {
      const failure = said(build);
      assert.ok(failure, "no failure");
      assert.deepEqual([failure.kind, failure.reason, failure.retry], [kind, reason, retry]);
      assert.match(failure.message, message);
      assert.doesNotMatch(failure.message, /\n/, "one line");
      assert.match(failure.reason, /^[A-Z][A-Za-z]+$/);
    });

  it("shows the log's last lines", () => {
    assert.ok(
      said({ pod: ended(1), log: FAILED.command })?.log.includes(
        "ERROR: No matching distribution found for nosuchpackage==1.0",
      ),
    );
  });
  it("drops the first line of a log's end, which is cut", () => {
    const message = `"msg":"cut off"}\n${"x".repeat(1990)}\n${FAILED.command}`;
    assert.ok(
      !said({ pod: ended(1, "Error", message) })
        ?.log.join("\n")
        .includes("cut off"),
    );
  });
  it("is the user's only where no attempt could help", () => {
    for (const [, build] of table) {
      const failure = said(build);
      if (failure?.kind === "UserError") assert.equal(failure.retry, false);
      assert.equal(failure && RESULT_OF[failure.kind] === "user_error", failure?.kind === "UserError");
    }
  });
});

describe("a build that has not failed", () => {
  for (const [what, build] of [
    ["waits for the queue", { job: job("Suspended", "JobSuspended") }],
    ["runs", { job: job(), pod: pod(undefined) }],
    ["is done", { job: job("Complete"), pod: ended(0, "Completed", `sha256:${"a".repeat(64)}`) }],
    ["is nearly done", { job: job("SuccessCriteriaMet"), pod: ended(0, "Completed") }],
    [
      "waits for an image no longer than a pull may take",
      {
        job: job(),
        pod: waiting("kaniko", "ErrImagePull"),
        now: new Date(Date.parse(started) + (IMAGE_PULL_GRACE_SECONDS - 1) * 1000),
      },
    ],
    ["makes its container", { job: job(), pod: waiting("kaniko", "ContainerCreating") }],
  ] satisfies [string, Partial<EndedBuild>][])
    it(what, () => {
      assert.equal(said(build), undefined);
    });

  it("has failed at once where its image has no name that could ever be pulled", () => {
    assert.equal(
      said({ job: job(), pod: waiting("kaniko", "InvalidImageName"), now: new Date(started) })?.kind,
      "ImagePull",
    );
  });
});
