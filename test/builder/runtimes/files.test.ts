import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type * as files from "../../../builder/runtimes/files";
import { readRuntimeFiles, runtimeFile } from "../../../builder/runtimes/files";

const FOLDER = join(__dirname, "../../../builder/runtimes");
const PATH = require.resolve("../../../builder/runtimes/files");

describe("the files that serve a function", () => {
  it("are read from their folder", () => {
    assert.match(runtimeFile("python", "knative_lambda_adapter.py"), /^"""Serves a function's handler/);
    assert.deepEqual(Object.keys(readRuntimeFiles()).sort(), [
      "go/go.mod",
      "go/go.sum",
      "go/serve.go",
      "nodejs/package-lock.json",
      "nodejs/package.json",
      "nodejs/start.cjs",
      "python/knative_lambda_adapter.py",
    ]);
  });

  it("are in the bundle where there is no folder", () => {
    const global = globalThis as { RUNTIME_FILES?: Record<string, string> };
    global.RUNTIME_FILES = { "go/go.mod": "bundled" };
    const loaded = require.cache[PATH];
    Reflect.deleteProperty(require.cache, PATH);
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const fresh = require(PATH) as typeof files;
      assert.equal(fresh.runtimeFile("go", "go.mod"), "bundled");
      assert.throws(() => fresh.runtimeFile("go", "go.sum"), /go\/go\.sum is missing/);
    } finally {
      delete global.RUNTIME_FILES;
      if (loaded) require.cache[PATH] = loaded;
    }
  });

  it("name no registry, so that any may serve them", () => {
    for (const [path, text] of Object.entries(readRuntimeFiles()))
      assert.doesNotMatch(text, /"resolved"|https?:\/\/(?!127)/, path);
  });

  it("pin every package of the Node.js framework", () => {
    const lock = JSON.parse(runtimeFile("nodejs", "package-lock.json")) as {
      packages: Record<string, { version?: string; integrity?: string }>;
    };
    const { dependencies } = JSON.parse(runtimeFile("nodejs", "package.json")) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(dependencies)) {
      assert.match(version, /^\d+\.\d+\.\d+$/);
      assert.equal(lock.packages[`node_modules/${name}`]?.version, version);
    }
    for (const [path, { integrity }] of Object.entries(lock.packages))
      assert.ok(path === "" || integrity?.startsWith("sha512-"), path);
  });

  it("are programs that Node.js can read", () => {
    execFileSync(process.execPath, ["--check", join(FOLDER, "nodejs/start.cjs")]);
  });
});
