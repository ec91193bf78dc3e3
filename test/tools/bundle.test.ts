import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TEMPLATE_VERSION } from "../../builder/build/templateVersion";
import { bundle, type Bundled } from "../../tools/bundle/bundle";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

describe("the builder's bundle", () => {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  let bundled: Bundled;

  before(async () => {
    bundled = await bundle("builder/entry.ts", join(folder, "builder.cjs"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs it away from the project, where no package and no source is found beside it. */
  const run = (args: string[], env: Record<string, string> = {}) =>
    new Promise<{ code: number; stderr: string }>((done) => {
      execFile(process.execPath, [bundled.file, ...args], { cwd: folder, env }, (error, _stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), stderr });
      });
    });

  it("holds the service and nothing of the program that deploys it, of tools or of tests", () => {
    const own = bundled.inputs.filter((path) => !path.startsWith("node_modules/"));
    assert.deepEqual(
      [...new Set(own.map((path) => path.split("/")[0]))].sort(),
      ["builder", "contract", "settings"],
      own.join("\n"),
    );
    assert.ok(own.includes("builder/main.ts"));
    assert.deepEqual(
      bundled.inputs.filter((path) => path.startsWith("node_modules/@pulumi/")),
      [],
    );
  });

  it("carries the files that serve functions, as it has no folder to read them from", () => {
    const text = readFileSync(bundled.file, "utf8");
    const adapter = readFileSync(
      join(PROJECT_FOLDER, "builder/runtimes/python/knative_lambda_adapter.py"),
      "utf8",
    );
    const [, ...lines] = adapter.split("\n").filter((line) => /^def /.test(line));
    assert.ok(lines.length > 0);
    for (const line of lines) assert.ok(text.includes(line), line);
  });

  it("is the same however often it is made, but for the template version where a test of upgrades asks for another", async () => {
    const other = await bundle("builder/entry.ts", join(folder, "other.cjs"), {
      templateVersion: TEMPLATE_VERSION + 1,
    });
    const [own, later] = [bundled.file, other.file].map((file) => readFileSync(file));
    assert.equal(own?.length, later?.length);
    const changed = new Set<string>();
    own?.forEach((byte, index) => {
      if (byte !== later?.[index]) changed.add(String.fromCharCode(byte, later?.[index] ?? 0));
    });
    assert.deepEqual([...changed], [`${TEMPLATE_VERSION}${TEMPLATE_VERSION + 1}`]);
  });

  it("starts the service, which says what its environment lacks", async () => {
    const { code, stderr } = await run([]);
    assert.equal(code, 1);
    assert.match(stderr, /FUNCTIONS_REPO/);
    // Once, and not once for entry.ts and once for main.ts: in a bundle all files are one.
    assert.equal(stderr.match(/FUNCTIONS_REPO/g)?.length, 1);
  });

  it("fetches a build's context instead, and never says a value of the environment: one is the token", async () => {
    const { code, stderr } = await run(["fetch-context"], {
      BUILD_TOKEN: "not-to-be-told",
      CONTEXT_URL: "no url",
    });
    assert.equal(code, 1);
    assert.match(stderr, /^CONTEXT_URL: .*CONTEXT_FOLDER: .*CREDENTIALS_FOLDER: .*\n$/);
    assert.doesNotMatch(stderr, /not-to-be-told|no url/);
  });

  it("refuses a command that it doesn't have", async () => {
    const { code, stderr } = await run(["fetch-contexts"]);
    assert.equal(code, 1);
    assert.match(stderr, /^fetch-contexts is no command/);
  });
});
