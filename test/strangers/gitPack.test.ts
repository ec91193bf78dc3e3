import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { deltaOf, packOf, stored } from "../builder/source/support/gitObjects";
import { gitSource, repository } from "../builder/source/support/gitSource";
import { answerGit } from "../builder/source/support/servers";
import { usedMs } from "../builder/source/support/usedMs";

describe("a pack that is laid out for the worst", () => {
  const { fetch, server } = gitSource();

  const named = (contents: Buffer): Buffer =>
    createHash("sha1").update(`blob ${contents.length}\0`).update(contents).digest();

  it("is read in one pass: 30,000 differences, each before what it starts from", async () => {
    let base = Buffer.from("x".repeat(24));
    const objects = [stored(3, base)];
    for (let at = 0; at < 30_000; at++) {
      const text = String(at).padStart(8, "0");
      objects.push(stored(7, deltaOf(24, 24, { from: 0, size: 16 }, text), named(base)));
      base = Buffer.concat([base.subarray(0, 16), Buffer.from(text)]);
    }
    const repo = repository({ "main.py": "x" });
    for (const { type, contents } of repo.objects.objects.values())
      objects.push(stored({ commit: 1, tree: 2, blob: 3, tag: 4 }[type], contents));
    server.answer = answerGit({ ...repo, pack: packOf(objects.reverse()) });
    const started = usedMs();
    let longest = 0;
    let last = usedMs();
    const beat = setInterval(() => {
      longest = Math.max(longest, usedMs() - last);
      last = usedMs();
    }, 5);
    const tree = await fetch({}, { limits: { archiveBytes: 1e8, unpackedBytes: 1e8, seconds: 600 } });
    clearInterval(beat);
    assert.deepEqual(
      tree.files.map(({ path }) => path),
      ["main.py"],
    );
    assert.ok(usedMs() - started < 35_000, `${usedMs() - started} ms`);
    assert.ok(longest < 2_000, `others waited ${longest} ms for their turn`);
    await tree.dispose();
  });
});
