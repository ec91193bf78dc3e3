import { crc32, deflateRawSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";

/** An entry of a tar archive, as hostile as a test wants it. */
export interface TarEntry {
  name: string;
  contents?: string | Buffer;
  type?: "file" | "link" | "symlink" | "directory" | "block-device" | "character-device" | "fifo";
  mode?: number;
  linkname?: string;
  pax?: Record<string, string>;
}

export function tarOf(...entries: TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { contents = "", type = "file", mode = 0o644, ...rest } of entries)
    archive.entry({ type, mode, ...rest }, type === "file" ? Buffer.from(contents) : Buffer.alloc(0));
  archive.finalize();
  return buffer(archive);
}

/** Where a tar header says what (POSIX: pax, "ustar Interchange Format"). */
export const TarField = { size: 124, type: 156 } as const;
const SUM = 148;

/** A tar archive with another text in its first header, the sum of which is made right again. */
export function withField(tar: Buffer, at: number, text: string): Buffer {
  const copy = Buffer.from(tar);
  copy.write(text, at, "latin1");
  copy.fill(" ", SUM, SUM + 8);
  const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  copy.write(`${sum.toString(8).padStart(6, "0")}\0 `, SUM, "latin1");
  return copy;
}

export interface ZipEntry {
  name: string;
  contents?: string | Buffer;
  /** Unix mode with its kind, as in 0o100644. */
  mode?: number;
  /** Size that the index claims. */
  claimedSize?: number;
  flags?: number;
}

/** A zip archive with deflated entries, written by hand: a library would refuse to write most of what is tried here. */
export function zipOf(...entries: ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const index: Buffer[] = [];
  let offset = 0;
  for (const { name, contents = "", mode = 0o100644, claimedSize, flags = 0x800 } of entries) {
    const data = Buffer.from(contents);
    const packed = deflateRawSync(data);
    const bytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimedSize ?? data.length, 18);
    common.writeUInt16LE(bytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, bytes, packed]);
    const entry = Buffer.alloc(46);
    entry.write("PK\x01\x02", 0, "latin1");
    entry.writeUInt16LE((3 << 8) | 20, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE(mode * 0x10000, 38);
    entry.writeUInt32LE(offset, 42);
    index.push(Buffer.concat([entry, bytes]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(index);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
