import assert from "node:assert/strict";
import { archiveReader } from "../support/archiveReader";
import { type TarEntry, type ZipEntry } from "../support/archives";
import { contentsOf, everythingIn, userError } from "../support/trees";

describe("a hostile archive", () => {
  const { folder, readTarGz, readZip } = archiveReader();

  const main = { name: "main.py", contents: "x" };
  const hostile: Record<string, [TarEntry[], RegExp]> = {
    "a name that climbs": [[{ name: "../../etc/cron.d/x", contents: "x" }], /leaves the source/],
    "a folder that climbs": [[main, { name: "../x/", type: "directory" }], /leaves the source/],
    "an absolute name": [[{ name: "/etc/passwd", contents: "x" }], /is absolute/],
    "a name by which images remove files": [[main, { name: "lib/.wh.main.py" }], /\.wh\./],
    "a name with a line break": [[{ name: "a\nUSER root" }], /no file name needs/],
    "two names that are one in Unicode's normal form": [
      [{ name: "caf\u00e9.py" }, { name: "cafe\u0301.py" }],
      /is there twice/,
    ],
    "the same name twice": [[main, main], /is there twice/],
    "a file below a file": [[{ name: "a" }, { name: "a/b" }], /is a file and a folder/],
    "a file in place of a folder": [[{ name: "a/b" }, { name: "a" }], /is a file and a folder/],
    "a file below a link": [
      [
        { name: "a", type: "symlink", linkname: "/etc" },
        { name: "a/passwd", contents: "x" },
      ],
      /is a file and a folder/,
    ],
    "a link out of the source": [
      [main, { name: "a", type: "symlink", linkname: "../../etc/passwd" }],
      /points out of the source/,
    ],
    "an absolute link": [
      [main, { name: "a", type: "symlink", linkname: "/etc/passwd" }],
      /points out of the source/,
    ],
    "a link to nothing": [[main, { name: "a", type: "symlink", linkname: "b" }], /not in the source/],
    "a link without a target": [[main, { name: "a", type: "symlink" }], /points to/],
    "a link to a folder": [
      [{ name: "b/main.py" }, { name: "a", type: "symlink", linkname: "b" }],
      /points to a folder/,
    ],
    "links in a circle": [
      [
        { name: "a", type: "symlink", linkname: "b" },
        { name: "b", type: "symlink", linkname: "a" },
      ],
      /in a circle/,
    ],
    "a hard link": [
      [main, { name: "a", type: "link", linkname: "main.py" }],
      /hard link; .*--hard-dereference/,
    ],
    "a character device": [[{ name: "null", type: "character-device" }], /is a character device/],
    "a block device": [[{ name: "sda", type: "block-device" }], /is a block device/],
    "a pipe": [[{ name: "pipe", type: "fifo" }], /is a fifo/],
    "a setuid file": [[{ name: "su", mode: 0o4755 }], /is setuid or setgid/],
    "a setgid file": [[{ name: "su", mode: 0o2755 }], /is setuid or setgid/],
    "file capabilities": [
      [{ name: "ping", pax: { "SCHILY.xattr.security.capability": "x" } }],
      /carries file capabilities/,
    ],
    "a sparse file": [[{ name: "hole", pax: { "GNU.sparse.major": "1" } }], /sparse/],
    "no file": [[{ name: "a", type: "directory" }], /holds no file/],
  };
  for (const [what, [entries, message]] of Object.entries(hostile))
    it(`is refused with ${what}, and leaves nothing behind`, async () => {
      const reason = what === "no file" ? "SourceEmpty" : "SourceInvalid";
      const before = await everythingIn(folder());
      await assert.rejects(readTarGz(...entries), userError(message, reason));
      assert.deepEqual(await everythingIn(folder()), before);
    });

  it("keeps files whose extended attributes do nothing, without them", async () => {
    const tree = await readTarGz({ ...main, pax: { "LIBARCHIVE.xattr.com.apple.provenance": "x" } });
    assert.deepEqual(await contentsOf(tree), { "main.py": "x" });
  });

  const hostileZips: Record<string, [ZipEntry[], RegExp]> = {
    "a name that climbs": [[{ name: "../../x" }], /invalid relative path|leaves the source/],
    "an absolute name": [[{ name: "/etc/passwd" }], /absolute/],
    "a backslash": [[{ name: "a\\..\\b" }], /invalid relative path/],
    "a drive": [[{ name: "C:/x" }], /absolute path/],
    "the same name twice": [[main, main], /is there twice/],
    "a device": [[{ name: "null", mode: 0o020666 }], /not a regular file/],
    "a setuid file": [[{ name: "su", mode: 0o104755 }], /setuid/],
    "a link out of the source": [
      [main, { name: "a", contents: "/etc/passwd", mode: 0o120777 }],
      /out of the source/,
    ],
    "an encrypted file": [[{ ...main, flags: 0x801 }], /encrypted/],
    "a file larger than its index says": [
      [{ ...main, contents: "x".repeat(9999), claimedSize: 10 }],
      /too many bytes in the stream/,
    ],
    "a link with an endless target": [
      [{ name: "a", contents: "x".repeat(5000), mode: 0o120777 }],
      /longer than 4096/,
    ],
  };
  for (const [what, [entries, message]] of Object.entries(hostileZips))
    it(`is refused as a zip archive with ${what}`, async () => {
      await assert.rejects(readZip(...entries), userError(message));
    });
});
