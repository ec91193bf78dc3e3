import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { LambdaFunction } from "../../../tools/trigger/progress";
import { condition, parser } from "./support";

const PROJECT_FOLDER = resolve(__dirname, "..", "..", "..");

/** The whole program, with a kubectl and a builder of the test's own. */
describe("npm run trigger", () => {
  const folder = mkdtempSync(join(tmpdir(), "trigger-"));
  let server: Server;
  let url: string;

  before(async () => {
    server = createServer((request, response) => {
      request.resume().on("end", () => {
        response.writeHead(request.headers.authorization === "Bearer a-token" ? 202 : 401).end();
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param states what kubectl answers when it is asked for the function, one after the other */
  function trigger(states: LambdaFunction[], ...args: string[]) {
    const program = join(folder, "kubectl");
    const answers = join(folder, "states.json");
    writeFileSync(answers, JSON.stringify(states));
    writeFileSync(
      program,
      `#!${process.execPath}
const fs = require("node:fs");
if (process.argv[2] === "create") console.log("a-token");
else {
  const [state, ...rest] = JSON.parse(fs.readFileSync(${JSON.stringify(answers)}, "utf8"));
  if (rest.length > 0) fs.writeFileSync(${JSON.stringify(answers)}, JSON.stringify(rest));
  console.log(JSON.stringify(state));
}
`,
    );
    chmodSync(program, 0o700);
    const env = {
      PATH: [folder, process.env["PATH"]].join(delimiter),
      HOME: folder,
      BUILDER_URL: url,
    };
    return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      execFile(
        process.execPath,
        ["--import", "tsx", "tools/trigger/main.ts", "--stack", "local", ...args],
        { cwd: PROJECT_FOLDER, env },
        (error, stdout, stderr) => {
          done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        },
      );
    });
  }

  it("shows the phases until the function is Ready, and then its image", async () => {
    const image = `10.244.77.2:5000/functions/knative-lambda@sha256:${"a".repeat(64)}`;
    const { code, stdout, stderr } = await trigger(
      [
        parser({ phase: "Building", observedGeneration: 2, buildStatus: { jobName: "build-parser-1-0a" } }),
        parser({
          phase: "Ready",
          observedGeneration: 2,
          buildStatus: { imageURI: image, durationSeconds: 24 },
        }),
      ],
      "--parser-id",
      "1",
      "--wait",
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^parser-1 in namespace knative-lambda, on local\nthe builder has taken event [-0-9a-f]{36}\n +0 s {2}Building {3}build-parser-1-0a\n +\d s {2}Ready\nReady after \d s \(built in 24\.0 s\)\nimage 10\.244\.77\.2:5000\/functions\/knative-lambda@sha256:a{64}\n$/,
    );
  });

  it("fails where the build fails, with what it says", async () => {
    const conditions = [condition("BuildReady", "False", "OutOfMemory", "raise the limit")];
    const { code, stderr } = await trigger(
      [parser({ phase: "Failed", observedGeneration: 2, conditions })],
      "--parser-id",
      "1",
      "--wait",
    );
    assert.equal(code, 1);
    assert.match(stderr, /^Failed after 0 s: OutOfMemory: raise the limit\n$/);
  });

  it("tells a mistake in one line, before anything is sent", async () => {
    const { code, stderr } = await trigger([], "--parser-id", "A");
    assert.equal(code, 2);
    assert.match(stderr, /^PARSER_ID=A makes parser-A, which is no function's name: [^\n]+\n$/);
  });
});
