import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPortable, readSource, renderBuild } from "../../../builder/build/renderBuild";
import { UserError } from "../../../builder/types";
import { ASKS, GO } from "./support/golden";
import { BASES, filesOf, NO_INDEXES, sourceOf } from "./support/source";

describe("a source on disk", () => {
  it("is read as far as the build depends on it, includes among it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "render-"));
    try {
      const texts = {
        "main.py": "secret",
        "requirements.txt": "-r base.txt\n",
        "base.txt": "six==1.17.0\n",
        ".dockerignore": "tmp\n",
      };
      for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
      const files = filesOf(texts);
      const tree = { folder, files, hash: "h", revision: "h", dispose: () => Promise.resolve() };
      const source = await readSource(tree, { language: "python", version: "3.13", handler: "main.handler" });
      assert.deepEqual([...source.manifests.keys()].sort(), [
        ".dockerignore",
        "base.txt",
        "requirements.txt",
      ]);
      const plan = renderBuild(source, BASES.python, NO_INDEXES);
      assert.equal(plan.extraFiles["platform/requirements.txt"], "six==1.17.0\n");
      assert.match(plan.dockerignore ?? "", /^code\/tmp$/m);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
  it("with manifests beyond all measure is refused before they are read", async () => {
    const tree = {
      folder: "/nowhere",
      files: [
        { path: "main.py", size: 1, executable: false, sha256: "" },
        { path: "requirements.txt", size: 17 * 1024 ** 2, executable: false, sha256: "" },
      ],
      hash: "h",
      revision: "h",
      dispose: () => Promise.resolve(),
    };
    await assert.rejects(
      readSource(tree, { language: "python", version: "3.13", handler: "main.handler" }),
      (error: unknown) => error instanceof UserError && error.reason === "ManifestTooLarge",
    );
  });
  it("runs on musl where nothing is compiled for glibc", () => {
    assert.equal(isPortable(sourceOf("python", { "main.py": "" })), true);
    assert.equal(
      isPortable(sourceOf("python", { "main.py": "", "requirements.txt": "numpy==1.26.4\n" })),
      false,
    );
    assert.equal(isPortable(sourceOf("nodejs", { "index.js": "", "package.json": ASKS })), false);
    assert.equal(isPortable(sourceOf("go", { "main.go": GO })), true);
    assert.equal(isPortable(sourceOf("python", { Dockerfile: "FROM x" })), false);
  });
});
