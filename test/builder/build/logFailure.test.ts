import assert from "node:assert/strict";
import fc from "fast-check";
import { readKanikoLog } from "../../../builder/build/kaniko/log";
import { classifyLog } from "../../../builder/build/logFailure";
import { FAILED, log } from "./support/kanikoLog";

const found = (text: string, own = false) => classifyLog(readKanikoLog(text), own);
const command = (output: string, status = 1): string =>
  log(
    output,
    `error building image: error building stage: failed to execute command: waiting for process to exit: exit status ${status}`,
  );
const refused = "error building image: GET https://registry.example.com/v2/x/manifests/1: UNAUTHORIZED: no\n";
const push = "error pushing image: failed to push to destination x: DENIED: no\n";
const gone =
  'error building image: unable to complete operation after 3 attempts, last error: Get "https://registry.example.com/v2/": dial tcp 10.0.0.1:443: connect: connection refused\n';

type Row = [what: string, text: string, reason: string, message: RegExp];

describe("the log of a failed build", () => {
  const users: Row[] = [
    ["a command", FAILED.command, "BuildCommandFailed", /exit status 1/],
    ["a command, by another exit code", command("no", 3), "BuildCommandFailed", /exit status 3/],
  ];
  const usersOwn: Row[] = [
    ["a COPY", FAILED.copy, "DockerfileFailed", /nofile/],
    ["an instruction that there isn't", FAILED.dockerfile, "DockerfileInvalid", /unknown instruction: FRUM/],
    ["an image that isn't there", FAILED.baseImage, "DockerfileImageMissing", /MANIFEST_UNKNOWN/],
    ["an image that is another's", refused, "DockerfileImageMissing", /UNAUTHORIZED/],
  ];
  const platforms: Row[] = [
    ["a push", push, "ImagePushFailed", /could not be pushed/],
    ["a registry that is gone", gone, "RegistryUnreachable", /did not answer/],
    ["an unknown cause", "error building image: something new\n", "BuildFailed", /something new/],
    ["no word at all", "", "BuildFailed", /left no log/],
    [
      "a flag that Kaniko doesn't know",
      "Error: unknown flag: --new\nUsage:\n",
      "BuildFailed",
      /unknown flag/,
    ],
  ];
  const platformsOwn: Row[] = [
    ["a COPY of the platform's", FAILED.copy, "BuildFailed", /nofile/],
    ["a Dockerfile of the platform's", FAILED.dockerfile, "BuildFailed", /FRUM/],
    ["a base image of the platform's", FAILED.baseImage, "BaseImageMissing", /the base image can't be had/],
    ["a registry that refuses", refused, "RegistryRefused", /refused/],
  ];
  const network = [
    "npm error code EAI_AGAIN",
    "npm error code E503",
    "go: example.com/x: Get: dial tcp: lookup proxy.example.com: no such host",
    "WARNING: Retrying: ReadTimeoutError(\"HTTPSConnectionPool(host='pip.example.com', port=443)\")",
    "W: Failed to fetch http://deb.example.com  Temporary failure in name resolution",
    "502 Bad Gateway",
  ].map((line): Row => [line, command(line), "PackageIndexUnreachable", /package index did not answer/]);

  for (const [own, rows] of [
    [false, users],
    [true, [...users, ...usersOwn]],
  ] as const)
    for (const [what, text, reason, message] of rows)
      it(`blames ${what} on the user${own ? " with a Dockerfile of their own" : ""}, and is not tried again`, () => {
        const failure = found(text, own);
        assert.deepEqual([failure.kind, failure.reason, failure.retry], ["UserError", reason, false]);
        assert.match(failure.message, message);
      });
  for (const [own, rows] of [
    [true, [...platforms, ...network]],
    [false, [...platforms, ...platformsOwn, ...network]],
  ] as const)
    for (const [what, text, reason, message] of rows)
      it(`blames ${what} on what is around${own ? ", whosever the Dockerfile is" : ""}, and is tried again`, () => {
        const failure = found(text, own);
        assert.deepEqual([failure.kind, failure.reason, failure.retry], ["Infrastructure", reason, true]);
        assert.match(failure.message, message);
      });

  for (const [what, text] of [
    ["the shell", FAILED.killed],
    ["Node.js", command("FATAL ERROR: Reached heap limit: JavaScript heap out of memory", 134)],
    ["Go's linker", command("/usr/local/go/pkg/tool/link: signal: killed")],
    ["Python", command("MemoryError")],
  ] as const)
    it(`tells out of memory as ${what} says it`, () => {
      assert.deepEqual([found(text).kind, found(text).retry], ["OutOfMemory", false]);
    });
  it("tells out of disk", () => {
    assert.equal(found(command("OSError: [Errno 28] No space left on device")).kind, "OutOfDisk");
    assert.equal(found("error building image: write /x: no space left on device\n").kind, "OutOfDisk");
  });

  it("is judged by Kaniko's last words, not by what a command says before them", () => {
    const text = log("error pushing image: not really", FAILED.command.trimEnd());
    assert.equal(found(text).reason, "BuildCommandFailed");
  });
  it("makes a message of one line that isn't too long", () => {
    assert.ok(found(`error building image: ${"x".repeat(10_000)}\n`).message.length <= 700);
  });
  it("is judged whatever it says", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...Object.values(FAILED)))),
        fc.boolean(),
        (lines, own) => {
          const { kind, retry } = found(lines.join("\n"), own);
          assert.equal(retry, kind === "Infrastructure");
        },
      ),
    );
  });
});
