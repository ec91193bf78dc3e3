import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { archiveReader } from "../support/archiveReader";
import { tarOf, TarField, withField, zipOf } from "../support/archives";
import { userError } from "../support/trees";

describe("a broken archive", () => {
  const { read } = archiveReader();
  const main = { name: "main.py", contents: "x" };
  const noisy = () => tarOf(main, { name: "noise", contents: Buffer.from(noise(20_000)) });

  /** The archive with some bytes changed. */
  const changed = (archive: Buffer, at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(archive);
    for (const [index, byte] of bytes.entries()) copy[(at < 0 ? copy.length : 0) + at + index] = byte;
    return copy;
  };

  const broken: Record<string, [() => Promise<Buffer>, RegExp, string?]> = {
    "gzip that is cut": [
      async () => gzipSync(await noisy()).subarray(0, 9000),
      /is damaged: unexpected end of file/,
    ],
    "gzip with a byte changed": [async () => changed(gzipSync(await noisy()), 9000, 0, 0), /damaged/],
    "gzip with another sum at its end": [
      async () => changed(gzipSync(await noisy()), -8, 1, 2, 3, 4),
      /is damaged: incorrect data check/,
    ],
    "gzip with another length at its end": [
      async () => changed(gzipSync(await noisy()), -4, 1, 2, 3, 4),
      /is damaged: incorrect length check/,
    ],
    "gzip of an unknown method": [async () => changed(gzipSync(await noisy()), 2, 9), /is damaged/],
    "gzip with nothing behind its first bytes": [
      () => Promise.resolve(Buffer.from([0x1f, 0x8b])),
      /is damaged/,
    ],
    "gzip of nothing": [() => Promise.resolve(gzipSync("")), /gzip, but not of a tar/],
    "a tar archive that is cut": [async () => (await tarOf(main, main)).subarray(0, 900), /damaged/],
    "a tar header with another sum": [async () => changed(await tarOf(main), 3, 1), /tar archive is damaged/],
    "a tar entry of an endless size": [
      async () => withField(await tarOf(main), TarField.size, "77777777777"),
      /larger than 976.6 KiB once unpacked/,
      "SourceTooLarge",
    ],
    "a tar entry of a negative size": [
      async () => withField(await tarOf(main), TarField.size, "\xff".repeat(11) + "\x80"),
      /damaged|once unpacked/,
    ],
    "a tar entry whose attribute says no size": [
      () => tarOf({ ...main, pax: { size: "much" } }),
      /tar archive is damaged/,
    ],
    "a tar entry whose attribute says a negative size": [
      () => tarOf({ ...main, pax: { size: "-512" } }),
      /tar archive is damaged/,
    ],
    "a header of attributes of an endless size": [
      async () => withField(withField(await tarOf(main), TarField.type, "x"), TarField.size, "77777777777"),
      /an extended header of more than 256 KiB/,
    ],
    "a volume's header": [
      async () => withField(await tarOf(main), TarField.type, "V"),
      /a kind that tar's standard doesn't know/,
    ],
    "a file of many volumes": [
      async () => withField(await tarOf(main), TarField.type, "M"),
      /a kind that tar's standard/,
    ],
    "a zip archive that is cut": [
      () => Promise.resolve(zipOf(main).subarray(0, 60)),
      /zip archive can't be read/,
    ],
    "a zip archive whose index lies elsewhere": [
      () => Promise.resolve(changed(zipOf(main), -6, 0xff, 0xff, 0xff, 0x0f)),
      /zip archive can't be read/,
    ],
    "a zip archive that announces more than it holds": [
      () => Promise.resolve(changed(zipOf(main), -12, 0x09)),
      /zip archive can't be read/,
    ],
    "a zip archive whose file is not deflated": [
      () => {
        const zip = zipOf({ name: "a", contents: "hello hello hello" });
        return Promise.resolve(changed(zip, 31, 0xff, 0xff, 0xff));
      },
      /zip archive can't be read/,
    ],
  };
  for (const [what, [make, message, reason]] of Object.entries(broken))
    it(`is refused as ${what}`, async () => {
      await assert.rejects(read(await make(), "source.zip"), userError(message, reason));
    });
});

/** Bytes that don't compress, the same each time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) & 0xff);
}
