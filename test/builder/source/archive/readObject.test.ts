import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { readObject } from "../../../../builder/source/archive/readObject";
import { archiveReader } from "../support/archiveReader";
import { tarOf, type TarEntry, zipOf } from "../support/archives";
import { contentsOf, LIMITS, newTree, pieces, userError } from "../support/trees";

describe("an object that holds a source", () => {
  const { folder, read, readTarGz, readZip } = archiveReader();
  const { signal } = new AbortController();
  const main = { name: "main.py", contents: "x" };

  const files = [
    { name: "./main.py", contents: "print(1)\n" },
    { name: "lib/cafe\u0301.py", contents: "x" },
    { name: "run.sh", contents: "#!/bin/sh\n", mode: 0o755 },
    { name: `${"deep/".repeat(30)}long.py`, contents: "y".repeat(3000) },
  ];
  const unpacked = {
    "main.py": "print(1)\n",
    "lib/caf\u00e9.py": "x",
    "run.sh*": "#!/bin/sh\n",
    [`${"deep/".repeat(30)}long.py`]: "y".repeat(3000),
  };

  it("is unpacked where it is a tar archive, compressed or not, or a zip archive, and is the same source", async () => {
    const tar = await tarOf({ name: "./", type: "directory", mode: 0o2755 }, ...files);
    const trees = [
      await read(tar),
      await read(gzipSync(tar)),
      await read(zipOf(...files.map(({ mode = 0o644, ...file }) => ({ ...file, mode: 0o100000 | mode })))),
    ];
    for (const tree of trees) {
      assert.deepEqual(await contentsOf(tree), unpacked);
      assert.deepEqual(
        tree.files.map(({ path }) => path),
        Object.keys(unpacked)
          .map((path) => path.replace("*", ""))
          .sort(),
      );
      assert.equal(tree.hash, trees[0]?.hash);
      await tree.dispose();
    }
  });

  it("is a single file where it is no archive, under the name that it is to have", async () => {
    const tree = await read(Buffer.from("print(1)\n"), "parsers/7.py");
    assert.deepEqual(await contentsOf(tree), { "main.py": "print(1)\n" });
  });

  it("is read as GNU tar writes it", async function () {
    const made = spawnSync("tar", ["-C", __dirname, "-cz", "."], { maxBuffer: 10_000_000 });
    if (made.error !== undefined) this.skip();
    const tree = await read(made.stdout);
    assert.ok(tree.files.some(({ path }) => path === "readObject.test.ts"));
  });

  it("keeps a link to a file of the source as a copy of it", async () => {
    const links: TarEntry[] = [
      { name: "bin/tool", type: "symlink", linkname: "../lib/./tool.py" },
      { name: "again", type: "symlink", linkname: "bin/tool" },
      { name: "lib/tool.py", contents: "tool", mode: 0o755 },
    ];
    const expected = { "again*": "tool", "bin/tool*": "tool", "lib/tool.py*": "tool" };
    assert.deepEqual(await contentsOf(await readTarGz(...links)), expected);
    const zipped = await readZip(
      { name: "bin/tool", contents: "../lib/tool.py", mode: 0o120777 },
      { name: "again", contents: "bin/tool", mode: 0o120777 },
      { name: "lib/tool.py", contents: "tool", mode: 0o100755 },
    );
    assert.deepEqual(await contentsOf(zipped), expected);
  });

  it("is refused when it is larger than allowed", async () => {
    const large = Buffer.alloc(5000, "x");
    await assert.rejects(
      read(large, "a.py", { archiveBytes: 4096 }),
      userError(/"a.py" is larger than 4 KiB/, "SourceTooLarge"),
    );
  });

  it("is refused when it is larger than allowed once unpacked, before it is written", async () => {
    const archive = gzipSync(await tarOf(main, { name: "big", contents: "x".repeat(300_000) }));
    const zip = zipOf(main, { name: "big", contents: "x".repeat(300_000) });
    for (const contents of [archive, zip])
      await assert.rejects(
        read(contents, "source", { unpackedBytes: 256 * 1024 }),
        userError(/larger than 256 KiB once unpacked/, "SourceTooLarge"),
      );
  });

  it("is refused when copies of linked files pass the limit", async () => {
    const links = Array.from(
      { length: 9 },
      (_, at) => ({ name: `l${at}`, type: "symlink", linkname: "big" }) as const,
    );
    await assert.rejects(
      read(await tarOf({ name: "big", contents: "x".repeat(1000) }, ...links), "source", {
        unpackedBytes: 9999,
      }),
      userError(/once unpacked/, "SourceTooLarge"),
    );
  });

  it("is refused when it has too many files, links or folders", async () => {
    const many = (of: (at: number) => TarEntry) => tarOf(...Array.from({ length: 6 }, (_, at) => of(at)));
    for (const archive of [
      await many((at) => ({ name: `f${at}` })),
      await many((at) => ({ name: `l${at}`, type: "symlink", linkname: "x" })),
      await many((at) => ({ name: `d${at}`, type: "directory" })),
      await tarOf({ name: "a/b/c/d/e/f/g" }),
    ])
      await assert.rejects(
        read(archive, "source", { files: 5 }),
        userError(/more than 5 (files|folders)/, "SourceTooLarge"),
      );
  });

  for (const [what, contents, message] of [
    ["gzip of something else", gzipSync("print(1)"), /gzip, but not of a tar/],
    ["xz", Buffer.from("fd377a585a0000000000", "hex"), /compressed by xz/],
    ["zstd", Buffer.from("28b52ffd00000000", "hex"), /compressed by zstd; make it a \.tar\.gz/],
    ["text under an archive's name", Buffer.from("<html>"), /not the archive that its name says/],
  ] as const)
    it(`is refused as ${what}`, async () => {
      await assert.rejects(read(contents, "source.tar.gz"), userError(message));
    });

  it("fails as its stream fails, and lets go of it", async () => {
    const archive = await tarOf(main, { name: "noise", contents: Buffer.from(noise(50_000)) });
    const gone = new Error("connection reset");
    for (const contents of [archive, gzipSync(archive)]) {
      const failing = async function* () {
        yield* pieces(contents.subarray(0, 8000));
        throw gone;
      };
      const tree = await newTree(folder());
      await assert.rejects(
        readObject({ name: "x", filePath: "main.py", contents: failing() }, tree, LIMITS, signal),
        gone,
      );
      await tree.discard();
    }
  });

  it("stops the stream when it refuses", async () => {
    let ended = false;
    const endless = async function* () {
      try {
        yield gzipSync(await tarOf({ name: "../x", contents: "x" }));
        for (;;) {
          await new Promise(setImmediate);
          yield Buffer.alloc(100);
        }
      } finally {
        ended = true;
      }
    };
    const tree = await newTree(folder());
    await assert.rejects(
      readObject({ name: "x", filePath: "main.py", contents: endless() }, tree, LIMITS, signal),
      userError(/leaves the source/),
    );
    assert.ok(ended);
    await tree.discard();
  });
});

/** Bytes that don't compress, the same each time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) & 0xff);
}
