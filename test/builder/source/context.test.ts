import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { readTar } from "../../../builder/source/archive/tar";
import { buildContext, writeContext } from "../../../builder/source/contextArchive";
import { ContextStore } from "../../../builder/source/contextStore";
import { InfrastructureError, type SourceTree } from "../../../builder/types";
import { bucketAt } from "./support/fetchers";
import { answerStore, loopback, refuse } from "./support/servers";
import { contentsOf, everythingIn, newTree, pieces, workFolder } from "./support/trees";

const LONG = `${"deep/".repeat(40)}caf\u00e9.py`;
const FILES: readonly [path: string, contents: string, executable: boolean][] = [
  ["main.py", "print(1)\n", false],
  ["run.sh", "#!/bin/sh\n", true],
  ["Dockerfile", "FROM theirs\n", false],
  [LONG, "x".repeat(200_000), false],
];

describe("a build's context", () => {
  const folder = workFolder();
  const server = loopback();
  const { signal } = new AbortController();
  let tree: SourceTree;

  async function treeOf(files: typeof FILES): Promise<SourceTree> {
    const writer = await newTree(folder());
    for (const [path, contents, executable] of files)
      await writer.file(path, { executable }, pieces(contents));
    return writer.finish();
  }
  before(async () => {
    tree = await treeOf(FILES);
  });

  const extra = { Dockerfile: "FROM ours\n", "adapter/app.py": Buffer.from("a") };

  it("is the source and what the build adds, which goes before the source's own", async () => {
    const archive = await writeContext(buildContext(tree, extra), folder(), signal);
    const unpacked = await newTree(folder());
    await readTar(pieces(gunzipSync(await readFile(archive.file))), unpacked);
    assert.deepEqual(await contentsOf(await unpacked.finish()), {
      Dockerfile: "FROM ours\n",
      "adapter/app.py": "a",
      "main.py": "print(1)\n",
      "run.sh*": "#!/bin/sh\n",
      [LONG]: "x".repeat(200_000),
    });
    await archive.dispose();
  });

  it("is the same bytes each time, whatever the order in which its files came", async () => {
    const again = await treeOf([...FILES].reverse());
    const archives = await Promise.all(
      [tree, again].map((source) => writeContext(buildContext(source, extra), folder(), signal)),
    );
    const [one, other] = await Promise.all(archives.map(({ file }) => readFile(file)));
    assert.ok(one !== undefined && other !== undefined && one.equals(other));
    assert.equal(archives[0]?.size, one.byteLength);
    await Promise.all(archives.map((archive) => archive.dispose()));
  });

  it("has the hash of its files, extra ones included", () => {
    const { hash } = buildContext(tree, extra);
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(buildContext(tree, {}).hash, tree.hash);
    assert.notEqual(hash, tree.hash);
    assert.notEqual(hash, buildContext(tree, { ...extra, Dockerfile: "FROM other\n" }).hash);
    assert.equal(hash, buildContext(tree, { "adapter/app.py": "a", Dockerfile: "FROM ours\n" }).hash);
  });

  it("has the source in a folder of its own where the build wants that", async () => {
    const context = buildContext(tree, { Dockerfile: "FROM ours\n" }, "code");
    const archive = await writeContext(context, folder(), signal);
    const unpacked = await newTree(folder());
    await readTar(pieces(gunzipSync(await readFile(archive.file))), unpacked);
    assert.deepEqual(await contentsOf(await unpacked.finish()), {
      Dockerfile: "FROM ours\n",
      "code/Dockerfile": "FROM theirs\n",
      "code/main.py": "print(1)\n",
      "code/run.sh*": "#!/bin/sh\n",
      [`code/${LONG}`]: "x".repeat(200_000),
    });
    await archive.dispose();
  });

  it("takes no extra file that leaves it", () => {
    assert.throws(() => buildContext(tree, { "../x": "" }), /leaves the source/);
  });

  it("fails where a file of the source is gone", async () => {
    const gone = await treeOf(FILES);
    await gone.dispose();
    const before = await everythingIn(folder());
    await assert.rejects(
      writeContext(buildContext(gone, {}), folder(), signal),
      (error) => error instanceof InfrastructureError && error.reason === "ContextFailed",
    );
    assert.deepEqual(await everythingIn(folder()), before);
  });

  describe("in the platform's bucket", () => {
    const objects = new Map<string, Buffer>();
    /** The loopback store says that every object is of that moment. */
    const WRITTEN = 1_700_000_000_000;
    const HOUR = 3_600_000;
    let now = WRITTEN;
    const store = () => new ContextStore(bucketAt(server.url), folder(), () => now);
    const asked = () => server.requests.map(({ method, url }) => `${method} ${url.split("?")[0] ?? ""}`);

    beforeEach(() => {
      objects.clear();
      now = WRITTEN;
      server.answer = answerStore(objects);
    });

    it("is kept by its hash, once, and opened as it was written", async () => {
      const context = buildContext(tree, extra);
      const path = `/platform/contexts/${context.hash}.tar.gz`;
      const before = await everythingIn(folder());
      await store().keep(context, signal);
      await store().keep(context, signal);
      assert.deepEqual(asked(), [`HEAD ${path}`, `PUT ${path}`, `HEAD ${path}`]);
      assert.deepEqual(await everythingIn(folder()), before);
      const opened = await store().open(context.hash, signal);
      assert.ok(opened !== undefined);
      const bytes = await buffer(Readable.from(opened.body));
      assert.equal(opened.size, bytes.byteLength);
      assert.ok(bytes.equals(objects.get(path.slice(1)) ?? Buffer.alloc(0)));
    });

    it("is written again half a day later, before the bucket may remove it", async () => {
      const context = buildContext(tree, extra);
      await store().keep(context, signal);
      now = WRITTEN + 11.9 * HOUR;
      await store().keep(context, signal);
      now = WRITTEN + 12 * HOUR;
      await store().keep(context, signal);
      assert.deepEqual(
        server.requests.map(({ method }) => method),
        ["HEAD", "PUT", "HEAD", "HEAD", "PUT"],
      );
    });

    it("is undefined where it is not there", async () => {
      assert.equal(await store().open("0".repeat(64), signal), undefined);
    });

    for (const hash of ["", "../team-a/x", "0".repeat(63), "0".repeat(64).toUpperCase() + "/x"])
      it(`is not asked for by ${JSON.stringify(hash)}, which is no hash`, async () => {
        await assert.rejects(store().open(hash, signal), /is not a context's hash/);
        assert.deepEqual(asked(), []);
      });

    it("is a failure around us where the bucket refuses or is gone", async () => {
      for (const [status, code] of [
        [403, "AccessDenied"],
        [404, "NoSuchBucket"],
        [400, "InvalidRequest"],
      ] as const) {
        server.answer = (_request, response) => {
          refuse(response, status, code);
        };
        const failed = (error: unknown) =>
          error instanceof InfrastructureError && error.reason === "ContextFailed";
        await assert.rejects(store().open("0".repeat(64), signal), failed);
        await assert.rejects(store().keep(buildContext(tree, {}), signal), failed);
      }
    });
  });
});
