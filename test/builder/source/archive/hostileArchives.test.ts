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
    "a name by which images empty folders": [[main, { name: "lib/.wh..wh..opq" }], /\.wh\./],
    "a folder below which images remove files": [[main, { name: ".wh.lib/main.py" }], /\.wh\./],
    "a name that climbs in an attribute": [
      [{ name: "a.py", pax: { path: "../../etc/cron.d/x" } }],
      /leaves the source/,
    ],
    "an absolute name in an attribute": [[{ name: "a.py", pax: { path: "/etc/passwd" } }], /is absolute/],
    "a name longer than Linux's": [[{ name: "x".repeat(256) }], /longer than 255 bytes/],
    "a path longer than an image has room for": [
      [{ name: `${"deep/".repeat(250)}x` }],
      /longer than 1024 bytes/,
    ],
    "a name that turns text around": [[{ name: "a\u202ecod.yp" }], /no file name needs/],
    "a name with a line break": [[{ name: "a\nUSER root" }], /no file name needs/],
    "two names that are one in Unicode's normal form": [
      [{ name: "caf\u00e9.py" }, { name: "cafe\u0301.py" }],
      /is there twice/,
    ],
    "a file and a folder that are one in Unicode's normal form": [
      [{ name: "caf\u00e9" }, { name: "cafe\u0301/main.py" }],
      /is a file and a folder/,
    ],
    "a link and a file that are one in Unicode's normal form": [
      [main, { name: "caf\u00e9.py", type: "symlink", linkname: "main.py" }, { name: "cafe\u0301.py" }],
      /is there twice/,
    ],
    "the same name twice": [[main, main], /is there twice/],
    'a name twice, once from "."': [[main, { name: "././main.py" }], /is there twice/],
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
    "a link that climbs through folders": [
      [{ name: "a/main.py" }, { name: "a/b", type: "symlink", linkname: "../a/../../main.py" }],
      /points out of the source/,
    ],
    "a link that leaves through another": [
      [
        { name: "a", type: "symlink", linkname: "b" },
        { name: "b", type: "symlink", linkname: "/proc/self/environ" },
      ],
      /points out of the source/,
    ],
    "a link whose target is in an attribute": [
      [main, { name: "a", type: "symlink", linkname: "main.py", pax: { linkpath: "/etc/passwd" } }],
      /points out of the source/,
    ],
    "a link to itself": [[main, { name: "a", type: "symlink", linkname: "a" }], /in a circle/],
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
    "a hard link out of the source": [
      [main, { name: "a", type: "link", linkname: "/etc/passwd" }],
      /hard link/,
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
    "more attributes than a file has": [
      [
        {
          name: "many",
          pax: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`SCHILY.xattr.user.${at}`, "x"])),
        },
      ],
      /more than 64 extended attributes/,
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

  it("keeps names apart that differ in case, as Linux does", async () => {
    const tree = await readTarGz({ name: "Main.py", contents: "a" }, { name: "main.py", contents: "b" });
    assert.deepEqual(await contentsOf(tree), { "Main.py": "a", "main.py": "b" });
  });

  const hostileZips: Record<string, [ZipEntry[], RegExp]> = {
    "a name that climbs": [[{ name: "../../x" }], /invalid relative path|leaves the source/],
    "an absolute name": [[{ name: "/etc/passwd" }], /absolute/],
    "a name by which images remove files": [[main, { name: ".wh.main.py" }], /\.wh\./],
    "two names that are one in Unicode's normal form": [
      [{ name: "caf\u00e9.py" }, { name: "cafe\u0301.py" }],
      /is there twice/,
    ],
    "a file below a link": [
      [{ name: "a", contents: "/etc", mode: 0o120777 }, { name: "a/passwd" }],
      /is a file and a folder/,
    ],
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
