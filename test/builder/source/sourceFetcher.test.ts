import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InfrastructureError } from "../../../builder/types";
import { fetcherFor, requestFor } from "./support/fetchers";
import { contentsOf, everythingIn, userError, workFolder } from "./support/trees";

describe("fetching a source", () => {
  const folder = workFolder();
  const { signal } = new AbortController();
  const inline = (code: string, dependencies?: string) => ({
    type: "inline",
    inline: { code, ...(dependencies !== undefined && { dependencies }) },
  });

  for (const [language, main, dependencies] of [
    ["python", "main.py", "requirements.txt"],
    ["nodejs", "index.js", "package.json"],
    ["go", "main.go", "go.mod"],
  ] as const)
    it(`lays inline code of ${language} out as ${main}, and its dependencies as ${dependencies}`, async () => {
      const request = requestFor(inline("code\n", "deps\n"), {
        runtime: { language, handler: "index.handler" },
      });
      const tree = await fetcherFor(folder()).fetch(request, signal);
      assert.deepEqual(await contentsOf(tree), { [main]: "code\n", [dependencies]: "deps\n" });
      assert.equal(tree.revision, tree.hash);
      await tree.dispose();
    });

  it("leaves out dependencies that are none, and refuses code that is none", async () => {
    const tree = await fetcherFor(folder()).fetch(requestFor(inline("x", " \n")), signal);
    assert.deepEqual(await contentsOf(tree), { "main.py": "x" });
    await tree.dispose();
    await assert.rejects(
      fetcherFor(folder()).fetch(requestFor(inline("\n")), signal),
      userError(/is empty/, "SourceEmpty", "spec.source.inline"),
    );
  });

  it("holds inline code to the limits of every source", async () => {
    await assert.rejects(
      fetcherFor(folder(), { limits: { unpackedBytes: 3 } }).fetch(requestFor(inline("code")), signal),
      userError(/larger than 3 B/, "SourceTooLarge", "spec.source.inline"),
    );
  });

  it("names a source that is missing", async () => {
    const request = requestFor(inline("x"));
    await assert.rejects(
      fetcherFor(folder()).fetch({ ...request, source: { type: "git" } }, signal),
      userError(/is missing/, "SourceInvalid", "spec.source.git"),
    );
  });

  it("writes files that others can read and nobody but their owner can change", async () => {
    const tree = await fetcherFor(folder()).fetch(requestFor(inline("x")), signal);
    assert.equal((await stat(join(tree.folder, "main.py"))).mode & 0o777 & ~0o044, 0o600);
    await tree.dispose();
  });

  it("leaves nothing on disk once a tree is disposed of, which may be done twice, or a fetch has failed", async () => {
    const tree = await fetcherFor(folder()).fetch(requestFor(inline("x")), signal);
    assert.ok(existsSync(join(tree.folder, "main.py")));
    await tree.dispose();
    await tree.dispose();
    await assert.rejects(fetcherFor(folder()).fetch(requestFor(inline("")), signal));
    assert.deepEqual(await everythingIn(folder()), []);
  });

  it("calls a full or missing disk no fault of the user's", async () => {
    await assert.rejects(
      fetcherFor(join(folder(), "missing")).fetch(requestFor(inline("x")), signal),
      (error) => error instanceof InfrastructureError && error.reason === "WorkFolderFailed",
    );
  });

  it("calls whatever it doesn't know a failure around it", async () => {
    const fetcher = fetcherFor(folder(), { readSecret: () => Promise.reject(new Error("boom")) });
    const source = { type: "minio", minio: { bucket: "code", key: "x", secretRef: { name: "s" } } };
    await assert.rejects(
      fetcher.fetch(requestFor(source), signal),
      (error) => error instanceof InfrastructureError && /boom/.test(error.message),
    );
  });
});
