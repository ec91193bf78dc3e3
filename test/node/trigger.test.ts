import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { CreateBucketCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";
import { BUILD_NAMESPACE } from "../../contract/names";
import { BuilderProcess } from "../support/builderProcess";
import { ACTIVATOR, LiveFunctions } from "../support/liveFunctions";
import { LocalObjects } from "../support/localObjects";
import { MACHINE, objectStore, REGISTRY, S3 } from "../support/realNode";
import { address, cluster, describeWith, image, programs } from "../support/requirements";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

/**
 * A build from a shell, as a newcomer runs it: in a fresh clone of the project as it is committed, after `npm ci`.
 * There is no way for a port-forward here, as the builder is a process beside the cluster: BUILDER_URL names it.
 */
describeWith(
  [
    programs("make", "git", "npm", "kubectl"),
    cluster(),
    image(REGISTRY, "python", "3.11-slim"),
    image(REGISTRY, "knative-lambda-builder", "0.1.0"),
    address(S3),
    address(ACTIVATOR),
  ],
  "make trigger-build-local",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "trigger-"));
    const clone = join(folder, "clone");
    const source = join(folder, "parser");
    const run = basename(folder);
    let objects: LocalObjects;
    let builder: BuilderProcess;

    const write = (code: string): void => {
      mkdirSync(source, { recursive: true });
      // Of this run alone, as the registry keeps the images of earlier ones.
      writeFileSync(join(source, "main.py"), `# ${run}\ndef handler(data):\n    return ${code}\n`);
    };

    const make = (...args: string[]) =>
      new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
        execFile(
          "make",
          ["--silent", "trigger-build-local", "PARSER_ID=parser-1", ...args],
          { cwd: clone, env: { ...process.env, BUILDER_URL: builder.url } },
          (error, stdout, stderr) => {
            done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
          },
        );
      });

    const functions = new LiveFunctions(BUILD_NAMESPACE, () => builder);
    const answer = async (data: unknown): Promise<unknown> =>
      (await functions.send("parser-1", data)).answer.result.body;

    before(async () => {
      execFileSync("git", ["clone", "--quiet", PROJECT_FOLDER, clone]);
      execFileSync("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund"], {
        cwd: clone,
        stdio: "pipe",
      });
      const s3 = objectStore();
      const Bucket = "function-sources";
      await s3.send(new CreateBucketCommand({ Bucket })).catch(() => undefined);
      await s3.send(new DeleteObjectCommand({ Bucket, Key: `${BUILD_NAMESPACE}/parser-1.tar.gz` }));
      objects = await LocalObjects.of(`sources.internalHosts=[${MACHINE}]`);
      await objects.apply();
      builder = await BuilderProcess.start("builder-trigger", objects.environment, MACHINE);
    });

    after(async () => {
      await functions.removeAll();
      await builder.stop();
      await objects.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    it("fails with what to do where the parser has no source yet", async () => {
      const { code, stderr } = await make("WAIT=1");
      assert.notEqual(code, 0, builder.log());
      assert.match(stderr, /^Failed after \d+ s: Source\w+: .*parser-1\.tar\.gz/m);
    });

    it("uploads a folder, shows the phases, and ends with a parser that answers", async () => {
      write('{"first": data["n"]}');
      const { code, stdout, stderr } = await make("WAIT=1", `SOURCE=${source}`);
      assert.equal(code, 0, `${stdout}\n${stderr}\n${builder.log()}`);
      assert.match(stdout, /^parser-1 in namespace knative-lambda, on local$/m);
      assert.match(
        stdout,
        /^uploaded 1 files, \d+ bytes, to s3:\/\/function-sources\/knative-lambda\/parser-1\.tar\.gz$/m,
      );
      assert.match(stdout, /^ +\d+ s {2}Building {3}build-parser-1-/m);
      assert.match(stdout, /^ +\d+ s {2}Ready$/m);
      assert.match(stdout, /^Ready after \d+ s \(built in \d+\.\d s/m);
      assert.match(stdout, /^image 10\.244\.77\.2:5000\/functions\/knative-lambda@sha256:[0-9a-f]{64}$/m);
      assert.deepEqual(await answer({ n: 1 }), { first: 1 });
    });

    it("builds nothing where the source is as it was", async () => {
      const before = new Set(await functions.jobsOf("parser-1"));
      const { code, stdout, stderr } = await make("WAIT=1");
      assert.equal(code, 0, `${stdout}\n${stderr}\n${builder.log()}`);
      assert.match(stdout, /^Ready after \d+ s \(an image that was there\)$/m);
      assert.deepEqual(
        (await functions.jobsOf("parser-1")).filter((job) => !before.has(job)),
        [],
      );
    });

    it("serves the new code after it has changed, under the same key", async () => {
      write('{"second": data["n"]}');
      const { code, stdout, stderr } = await make("WAIT=1", `SOURCE=${source}`);
      assert.equal(code, 0, `${stdout}\n${stderr}\n${builder.log()}`);
      assert.deepEqual(await answer({ n: 2 }), { second: 2 });
    });

    it("ends with 0 once the event is taken where nobody waits", async () => {
      const { code, stdout } = await make();
      assert.equal(code, 0);
      assert.match(stdout, /the builder has taken event [-0-9a-f]{36}\n$/);
    });
  },
);
