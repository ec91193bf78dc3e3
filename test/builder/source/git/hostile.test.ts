import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import {
  deltaAfter,
  deltaOf,
  entry,
  GitObjects,
  header,
  oidOf,
  packOf,
  signed,
  stored,
} from "../support/gitObjects";
import { gitSource, repository } from "../support/gitSource";
import { answerGit } from "../support/servers";
import { userError } from "../support/trees";
import { unreachable } from "../support/unreachable";

describe("a git source of a hostile repository", () => {
  const { fetch, server } = gitSource();

  for (const [name, message] of [
    ["..", /leaves the source/],
    [".", /empty part or "\."/],
    ["a/../../b", /leaves the source/],
    ["/etc", /is absolute/],
    [".wh.x", /\.wh\./],
    ["a\nb", /no file name needs/],
  ] as const)
    it(`is refused with a file named ${JSON.stringify(name)}`, async () => {
      server.answer = answerGit(repository({ "main.py": "x", [name]: "x" }));
      await assert.rejects(fetch(), userError(message, "SourceInvalid", "spec.source.git"));
    });

  it("is refused with a name that is not UTF-8, or an entry of an unknown kind", async () => {
    const objects = new GitObjects();
    const blob = objects.add("blob", "x");
    const bad = Buffer.concat([Buffer.from("100644 caf\xe9\0", "latin1"), Buffer.from(blob, "hex")]);
    for (const [tree, message] of [
      [objects.add("tree", bad), /is not UTF-8/],
      [objects.tree({ x: entry("060000", blob) }), /unknown kind/],
      [objects.add("tree", "100644 x"), /is damaged/],
    ] as const) {
      server.answer = answerGit({ objects, refs: { "refs/heads/main": objects.commit(tree) } });
      await assert.rejects(fetch(), userError(message, "SourceInvalid", "spec.source.git"));
    }
  });

  it("is refused with links out of it", async () => {
    const objects = new GitObjects();
    for (const target of ["/etc/passwd", "../../x", "x".repeat(5000)]) {
      const tree = objects.tree({ "main.py": "x", link: entry("120000", objects.add("blob", target)) });
      server.answer = answerGit({ objects, refs: { "refs/heads/main": objects.commit(tree) } });
      await assert.rejects(
        fetch(),
        userError(/points out of|longer than 4096/, "SourceInvalid", "spec.source.git"),
      );
    }
  });

  it("is refused where few objects make endless files", async () => {
    const objects = new GitObjects();
    let tree = objects.tree({ "main.py": "x" });
    for (let level = 0; level < 30; level++)
      tree = objects.tree({ a: entry("40000", tree), b: entry("40000", tree), c: entry("40000", tree) });
    server.answer = answerGit({ objects, refs: { "refs/heads/main": objects.commit(tree) } });
    await assert.rejects(
      fetch(),
      userError(/more than 100 (files|folders)/, "SourceTooLarge", "spec.source.git"),
    );
  });

  for (const name of ["a", "caf\u00e9", ""])
    it(`is refused where folders are named ${JSON.stringify(name)} twice, and so without end, though they hold no file`, async () => {
      const objects = new GitObjects();
      let tree = objects.tree({});
      const line = (written: string) =>
        Buffer.concat([Buffer.from(`40000 ${written}\0`), Buffer.from(tree, "hex")]);
      for (let level = 0; level < 60; level++)
        tree = objects.add("tree", Buffer.concat([line(name), line(name.normalize("NFD"))]));
      server.answer = answerGit({ objects, refs: { "refs/heads/main": objects.commit(tree) } });
      await assert.rejects(fetch(), userError(/more than 100 folders/, "SourceTooLarge", "spec.source.git"));
    });

  it("is refused where it is larger than allowed, sent or unpacked", async () => {
    const repo = repository({ "main.py": "x".repeat(600_000) });
    server.answer = answerGit(repo);
    await assert.rejects(
      fetch({}, { limits: { archiveBytes: 500 } }),
      userError(/larger than 500 B as git sends it/, "SourceTooLarge", "spec.source.git"),
    );
    await assert.rejects(
      fetch({}, { limits: { unpackedBytes: 512 * 1024 } }),
      userError(/larger than 512 KiB once unpacked/, "SourceTooLarge", "spec.source.git"),
    );
    await assert.rejects(
      fetch({}, { limits: { unpackedBytes: 64 * 1024 } }),
      userError(/too large to be unpacked/, "SourceTooLarge", "spec.source.git"),
    );
  });

  it("is refused where the pack announces more objects than a function has", async () => {
    const repo = repository({ "main.py": "x" });
    server.answer = answerGit({ ...repo, pack: packOf([], 4_000_000_000) });
    await assert.rejects(fetch(), userError(/more than 200000 objects/, "SourceTooLarge", "spec.source.git"));
  });

  const blob = Buffer.from("print(1)\n");
  for (const [what, objects] of [
    ["no pack", undefined],
    ["an object of an unknown kind", [stored(5, blob)]],
    ["an object larger than it says", [stored(3, blob, Buffer.alloc(0), 3)]],
    ["an object smaller than it says", [stored(3, blob, Buffer.alloc(0), 30)]],
    ["a large object larger than it says", [stored(3, Buffer.alloc(900_000), Buffer.alloc(0), 800_000)]],
    ["an object that is not deflated", [Buffer.concat([header(3, 9), Buffer.from("xxxxxxxxx")])]],
    ["an object that is cut", [Buffer.concat([header(3, 9), deflateSync(blob).subarray(0, 6)])]],
    ["a delta of itself", [stored(6, blob, Buffer.from([0]))]],
    ["a delta of nothing", [stored(6, blob, Buffer.from([200, 1]))]],
    [
      "a delta that reaches out of its base",
      [stored(3, blob), deltaAfter(blob, deltaOf(9, 9, { from: 5, size: 9 }))],
    ],
    ["a delta of another base", [stored(3, blob), deltaAfter(blob, deltaOf(8, 3, "abc"))]],
    ["a delta that makes more than it says", [stored(3, blob), deltaAfter(blob, deltaOf(9, 2, "abc"))]],
    ["a delta that makes less than it says", [stored(3, blob), deltaAfter(blob, deltaOf(9, 4, "abc"))]],
    ["a delta with a reserved command", [stored(3, blob), deltaAfter(blob, Buffer.from([9, 9, 0]))]],
    ["a delta without a size", [stored(3, blob), deltaAfter(blob, Buffer.alloc(30, 0xff))]],
    ["fewer objects than it says", undefined, packOf([stored(3, blob)], 2)],
  ] as const)
    it(`is tried again where the pack holds ${what}`, async () => {
      const repo = repository({ "main.py": "x" });
      const pack = what === "no pack" ? signed(Buffer.from("NOPE00000000")) : packOf(objects ?? []);
      server.answer = answerGit({
        ...repo,
        pack: what.startsWith("fewer") ? packOf([stored(3, blob)], 2) : pack,
      });
      await assert.rejects(fetch(), unreachable(/the git server's answer: /));
    });

  it("stops inflating where an object is larger than it says", async () => {
    const pack = packOf([stored(3, Buffer.alloc(5_000_000), Buffer.alloc(0), 600_000)]);
    server.answer = answerGit(repository({ "main.py": "x" }, { pack }));
    await assert.rejects(fetch(), unreachable(/an object is larger than its header says/));
  });

  it("is refused where a delta makes objects again and again", async () => {
    // 400 objects of 60 kB, each from a delta of a few bytes: 24 MB of work for 4 kB sent.
    const base = Buffer.alloc(60_000, "x");
    const objects = [stored(3, base)];
    for (let at = 0; at < 400; at++)
      objects.push(
        stored(7, deltaOf(60_000, 60_000, { from: 0, size: 59_996 }, `${1000 + at}`), oidOf(base)),
      );
    const repo = repository({ "main.py": "x" });
    server.answer = answerGit({ ...repo, pack: packOf(objects) });
    await assert.rejects(fetch(), userError(/too large to be unpacked/, "SourceTooLarge", "spec.source.git"));
  });
});
