import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { archiveReader } from "../support/archiveReader";
import { tarOf, TarField, withField, zipOf } from "../support/archives";
import { userError } from "../support/trees";

describe("an archive that is a bomb", () => {
  const { read } = archiveReader();
  const main = { name: "main.py", contents: "x" };
  const tooLarge = (message: RegExp) => userError(message, "SourceTooLarge");
  const times = <T>(count: number, entry: T): T[] => Array.from({ length: count }, () => entry);

  it("is refused when it grows as only padding does, even where nothing of it is kept", async () => {
    // What follows the end of a tar archive is in no file, so no limit of the tree counts it.
    const zeros = Buffer.concat([await tarOf(main), Buffer.alloc(40 * 1024 * 1024)]);
    await assert.rejects(
      read(gzipSync(zeros), "source.bin", { unpackedBytes: 1e9 }),
      tooLarge(/"source.bin" grows more when unpacked than source code does/),
    );
  });

  it("is refused when it unpacks to more than a source may have, even where nothing of it is kept", async () => {
    // Contents of a link belong to no file.
    const noise = Buffer.from("xyz".repeat(1_000_000));
    const file = (await tarOf({ name: "a", contents: noise })).subarray(0, -1024);
    const tar = Buffer.concat([withField(file, TarField.type, "2"), await tarOf(main)]);
    await assert.rejects(read(gzipSync(tar)), tooLarge(/"source.bin" is larger than 2.7 MiB once unpacked/));
  });

  it("is refused when it is packed twice", async () => {
    const inner = gzipSync(await tarOf(main));
    await assert.rejects(read(gzipSync(inner)), userError(/is gzip, but not of a tar archive/));
  });

  it("is refused when a zip archive's file unpacks to more than allowed, before it is written", async () => {
    const bomb = zipOf({ name: "zeros", contents: Buffer.alloc(20_000_000) });
    assert.ok(bomb.length < 25_000);
    await assert.rejects(read(bomb), tooLarge(/larger than 976.6 KiB once unpacked/));
  });

  it("is refused when it names a folder, or its root, again and again", async () => {
    for (const name of ["a/", "./", "/"]) {
      const archives = [
        await tarOf(...times(102, { name, type: "directory" as const })),
        zipOf(...times(102, { name: name.replace(/^\.?\/$/, "./"), mode: 0o040755 })),
      ];
      for (const archive of archives) await assert.rejects(read(archive), tooLarge(/more than 100 folders/));
    }
  });
});
