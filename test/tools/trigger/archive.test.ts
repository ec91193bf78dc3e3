import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { archive } from "../../../tools/trigger/archive";

/** What is in a .tar.gz: headers by path, and contents. */
async function unpack(bytes: Buffer): Promise<Map<string, { header: Header; text: string }>> {
  const found = new Map<string, { header: Header; text: string }>();
  const tar = extract();
  tar.end(gunzipSync(bytes));
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    found.set(entry.header.name, { header: entry.header, text: Buffer.concat(chunks).toString() });
  }
  return found;
}

describe("the archive of a folder", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "archive-"));
    writeFileSync(join(folder, "main.py"), "def handler(data): ...\n");
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "lib", "é.py"), "x = 1\n");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("holds its files, with who may run them and nothing of this machine's users or times", async () => {
    writeFileSync(join(folder, "start.sh"), "#!/bin/sh\n");
    chmodSync(join(folder, "start.sh"), 0o700);
    chmodSync(join(folder, "main.py"), 0o600);
    const { bytes, files } = await archive(folder);
    assert.deepEqual(files, ["lib/é.py", "main.py", "start.sh"]);
    const unpacked = await unpack(bytes);
    assert.deepEqual([...unpacked.keys()], files);
    assert.equal(unpacked.get("lib/é.py")?.text, "x = 1\n");
    for (const [name, { header }] of unpacked) {
      assert.equal(header.mode, name === "start.sh" ? 0o755 : 0o644, name);
      assert.deepEqual([header.uid, header.gid, header.mtime.getTime()], [0, 0, Date.UTC(2000, 0, 1)], name);
    }
  });

  it("is the same for the same files, whenever they were written", async () => {
    const { bytes } = await archive(folder);
    utimesSync(join(folder, "main.py"), 1, 1);
    assert.ok((await archive(folder)).bytes.equals(bytes));
  });

  it("leaves out what is made from a source, and keeps a file of such a name", async () => {
    for (const made of [".git", "node_modules", "lib/__pycache__", ".venv"]) {
      mkdirSync(join(folder, made));
      writeFileSync(join(folder, made, "x"), "x");
    }
    mkdirSync(join(folder, "docs"));
    writeFileSync(join(folder, "docs", "node_modules"), "about them\n");
    assert.deepEqual((await archive(folder)).files, ["docs/node_modules", "lib/é.py", "main.py"]);
  });

  it("keeps a link a link, and reads nothing from outside the folder through it", async () => {
    symlinkSync("/etc/passwd", join(folder, "passwd"));
    const entry = (await unpack((await archive(folder)).bytes)).get("passwd");
    assert.deepEqual(
      [entry?.header.type, entry?.header.linkname, entry?.text],
      ["symlink", "/etc/passwd", ""],
    );
  });

  it("is of a folder with something in it", async () => {
    await assert.rejects(archive(join(folder, "main.py")), /^UsageError: SOURCE=.*main\.py is no folder$/);
    await assert.rejects(archive(join(folder, "gone")), /is no folder$/);
    mkdirSync(join(folder, "empty"));
    await assert.rejects(archive(join(folder, "empty")), /has no files$/);
  });
});
