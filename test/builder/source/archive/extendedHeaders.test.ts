import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { TarHeaders } from "../../../../builder/source/archive/tarHeaders";
import { type SourceLimits } from "../../../../builder/source/limits";
import { archiveReader } from "../support/archiveReader";
import { tarOf, TarField, withField } from "../support/archives";
import { contentsOf, pieces, userError } from "../support/trees";
import { usedMs } from "../support/usedMs";

/** A builder's: no other bound ends these archives. */
const LARGE: Partial<SourceLimits> = {
  archiveBytes: 100 * 1024 ** 2,
  unpackedBytes: 100 * 1024 ** 2,
  files: 10_000,
};
/** What nobody notices: a Lease is renewed every 2 s. In milliseconds. */
const MOST_HELD_MS = 200;
const MOST_MS = 1_000;
const END = 1024;

/** An extended header with its contents, and no entry behind it. */
async function extended(type: "x" | "g" | "L" | "K", contents: string): Promise<Buffer> {
  const tar = withField(await tarOf({ name: "extended", contents }), TarField.type, type);
  return tar.subarray(0, -END);
}

/** An attribute as pax writes it: its own length comes first. */
function attribute(name: string, value: string): string {
  const rest = ` ${name}=${value}\n`;
  const withLength = (digits: number): string => `${Buffer.byteLength(rest) + digits}${rest}`;
  for (let digits = 1; ; digits += 1)
    if (Buffer.byteLength(withLength(digits)) < 10 ** digits) return withLength(digits);
}

/** Attributes of which each has another name, in so many bytes. */
const distinct = (bytes: number): string =>
  Array.from({ length: bytes / 10 }, (_, at) => `10 ${at.toString(36).padStart(4, "0")}=e\n`).join("");

const times = (count: number, part: Buffer): Buffer[] => Array.from({ length: count }, () => part);

/** The longest time in which nothing else could be done while `work` ran, but for that in which a busy machine let this process stand still. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let [last, lastUsed] = [performance.now(), usedMs()];
  const look = (): void => {
    const [now, used] = [performance.now(), usedMs()];
    longest = Math.max(longest, Math.min(now - last, used - lastUsed));
    [last, lastUsed] = [now, used];
  };
  const timer = setInterval(look, 5);
  try {
    await work();
  } finally {
    look();
    clearInterval(timer);
  }
  return longest;
}

describe("extended headers of a tar archive", () => {
  const { read } = archiveReader();
  const main = { name: "main.py", contents: "x" };

  const own = () => extended("x", attribute("comment", "y".repeat(400)));
  const hostile: Record<string, [() => Promise<Buffer[]>, RegExp]> = {
    "419,000 attributes of the whole archive, copied for each of thousands of headers": [
      async () => [await extended("g", distinct(4_190_000)), ...times(8_000, await own())],
      /an extended header of more than 256 KiB/,
    ],
    "as many attributes of the whole archive as the size allows": [
      async () => [await extended("g", distinct(260_000)), ...times(8_000, await own())],
      /more than 64 extended attributes/,
    ],
    "as many attributes of an entry as the size allows": [
      async () => [await extended("x", distinct(260_000))],
      /more than 64 extended attributes/,
    ],
    "thousands of headers and no entry": [
      async () => times(8_000, await own()),
      /more than 4 extended headers in a row/,
    ],
    "thousands of headers of the whole archive and no entry": [
      async () => times(8_000, await extended("g", attribute("comment", "y"))),
      /more than 4 extended headers in a row/,
    ],
    "a long name of megabytes": [
      async () => [await extended("L", "y".repeat(4_000_000))],
      /an extended header of more than 256 KiB/,
    ],
    "a link's long target of megabytes": [
      async () => [await extended("K", "y".repeat(4_000_000))],
      /an extended header of more than 256 KiB/,
    ],
    "an empty one": [async () => [await extended("x", "")], /is damaged: an extended header is empty/],
    "attributes that end in their midst": [
      async () => [await extended("x", "99 comment=x\n")],
      /is damaged: its extended attributes can't be read/,
    ],
    "attributes without a length": [
      async () => [await extended("x", `${" ".repeat(20)}comment=x\n`)],
      /is damaged: its extended attributes can't be read/,
    ],
  };
  for (const [what, [make, message]] of Object.entries(hostile))
    it(`are refused at once where they are ${what}`, async () => {
      const archive = gzipSync(Buffer.concat([...(await make()), await tarOf(main)]));
      const began = usedMs();
      const held = await longestHold(() =>
        assert.rejects(read(archive, "source.tar.gz", LARGE), userError(message)),
      );
      assert.ok(usedMs() - began < MOST_MS, "it takes too long");
      assert.ok(held < MOST_HELD_MS, `the event loop was held for ${held.toFixed(0)} ms`);
    });

  /** An entry whose header says that the rest of the archive is its contents, behind what says otherwise. */
  const covering = async (type: "0" | "5", ...before: Buffer[]): Promise<Buffer[]> => {
    const size = withField(await tarOf({ name: "cover" }), TarField.size, "00000100000");
    return [...before, withField(size, TarField.type, type).subarray(0, 512)];
  };
  const hidden: Record<string, () => Promise<Buffer[]>> = {
    "contents of an entry whose attribute says that it has none": async () =>
      covering("0", await extended("x", attribute("size", "0"))),
    "contents of an entry of which the whole archive's attributes say that it has none": async () =>
      covering("0", await extended("g", attribute("size", "0")), await own()),
    "contents of a folder": () => covering("5"),
    "what follows the archive's end": async () => [await tarOf(main)],
    "what follows an entry's size in binary": async () => {
      const binary = withField(await tarOf(main), TarField.size, `\x80${"\0".repeat(10)}\x01`);
      return [binary.subarray(0, -END)];
    },
  };
  for (const [what, make] of Object.entries(hidden))
    it(`are found in ${what}, where the unpacker finds them too`, async () => {
      const archive = Buffer.concat([...(await make()), ...times(6, await own()), await tarOf(main)]);
      await assert.rejects(read(archive), userError(/more than 4 extended headers in a row/));
    });

  it("are read as honest archives have them: long names, git's commit, GNU's links, large attributes", async () => {
    const long = `${"h\u00f6flich/".repeat(25)}main.py`;
    const commit = attribute("comment", "49aab7d4c2f0b9e2a1d3c5e7f9081726354453627");
    const archive = Buffer.concat([
      await extended("g", commit),
      (await tarOf({ name: long, contents: "long" })).subarray(0, -END),
      (
        await tarOf({
          name: "attributes.py",
          contents: "a",
          pax: { "SCHILY.xattr.user.a": "z".repeat(65_536) },
        })
      ).subarray(0, -END),
      // Another archive behind it, as `tar --concatenate` writes it.
      await extended("g", commit),
      (await tarOf(main)).subarray(0, -END),
      await extended("K", `${"../".repeat(30)}${"./".repeat(60)}main.py\0`),
      await extended("L", `${"deep/".repeat(30)}link\0`),
      await tarOf({ name: "link", type: "symlink", linkname: "cut" }),
    ]);
    const tree = await read(gzipSync(archive), "source.tar.gz", LARGE);
    assert.deepEqual(await contentsOf(tree), {
      [long]: "long",
      "attributes.py": "a",
      "main.py": "x",
      [`${"deep/".repeat(30)}link`]: "x",
    });
  });

  it("are read the same in whatever pieces they come", async () => {
    const archive = Buffer.concat(times(5, await own()));
    for (const size of [1, 511, 512, 513, 100_000]) {
      const headers = new TarHeaders((message) => new Error(message));
      const see = async () => {
        for await (const piece of pieces(archive, size)) headers.see(piece);
      };
      await assert.rejects(see(), /more than 4 extended headers in a row/, `in pieces of ${size}`);
    }
  });
});
