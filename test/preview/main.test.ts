import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { main } from "../../preview/main";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

describe("npm start", () => {
  const run = async (...argv: string[]) => {
    const said = { out: "", err: "" };
    const code = await main(argv, {
      directory: PROJECT_FOLDER,
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      colour: false,
    });
    return { code, ...said };
  };

  it("explains itself when asked", async () => {
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    assert.match(out, /--stack .*\n.*--set/);
  });

  it("answers an argument that it doesn't know with its usage, and 2", async () => {
    for (const argv of [["--stak", "dev"], ["dev"], ["--json=yes"]]) {
      const { code, out, err } = await run(...argv);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, /^[^\n]+\n\nnpm start/);
    }
  });

  it("runs as a process of its own: exit code 1 and the lines alone for bad settings", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "preview/main.ts", "--set", "builderService.replicas=0"],
      { cwd: PROJECT_FOLDER, encoding: "utf8" },
    );
    assert.deepEqual([status, stdout], [1, ""]);
    assert.equal(stderr, "dev: knative-lambda:builderService.replicas = 0: is below 1; give 1 or more\n");
  });
});
