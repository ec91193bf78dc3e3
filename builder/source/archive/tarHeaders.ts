import { readableBytes } from "../limits";
import { type Bytes } from "../streams";

const BLOCK = 512;

/** Where a header says what (POSIX: pax, "ustar Interchange Format"). */
const SIZE = { from: 124, to: 136 } as const;
const SUM = { from: 148, to: 156 } as const;
const TYPE = 156;

/**
 * Headers that say more of the entry behind them: its attributes, those of all entries, its long name, a link's long target. The last is a long
 * name as old GNU tar wrote it.
 */
const EXTENDED: readonly string[] = ["x", "g", "L", "K", "N"];
const FOLDER = "5";

/**
 * Size of an extended header past which it is refused, in bytes. Names take 4 KiB at the most. The largest attribute of a file on Linux has
 * 64 KiB, and bsdtar writes it twice, once of them in base64.
 */
const MAX_EXTENDED_BYTES = 256 * 1024;

/** Most attributes of an extended header: bsdtar on a Mac, which writes the most, comes to about 20. */
const MAX_ATTRIBUTES = 64;

/** Most extended headers before one entry: one of each kind. */
const MAX_IN_A_ROW = 4;

/** Digits of an attribute's length: those of the largest header, with room for zeros before them. */
const MAX_LENGTH_DIGITS = 8;

/** What is wrong with an archive, as its author reads it. */
type Refuse = (message: string) => Error;

/**
 * Passes a tar archive on, and ends it with an error where its extended headers are more than any tar writes. The unpacker can't be asked to do that:
 * it reads a header of up to 4 MiB whole, and copies the attributes of the archive into those of each entry, before anyone hears of an entry. A
 * hundred kilobytes of gzip could so hold the whole process for minutes.
 */
export async function* boundedHeaders(archive: Bytes, refuse: Refuse): AsyncGenerator<Uint8Array> {
  const headers = new TarHeaders(refuse);
  for await (const chunk of archive) {
    // All of it first: nothing of a header that is refused gets to the unpacker.
    headers.see(chunk);
    yield chunk;
  }
}

/**
 * Reads of an archive no more than where its headers lie, just as the unpacker does (tar-stream 3.2): whoever could have the two disagree would hide
 * headers from this one. What the unpacker may read in more ways than one is refused.
 */
export class TarHeaders {
  private parts: Uint8Array[] = [];
  private have = 0;
  private wanted = BLOCK;
  /** Contents to pass over. */
  private skip = 0;
  private extended: string | undefined;
  private inARow = 0;
  /** What the attributes say of the size of the entry that comes, and of all entries. Only an entry with attributes of its own gets those of all. */
  private entrySize: string | undefined;
  private globalSize: string | undefined;

  constructor(private readonly refuse: Refuse) {}

  /** Takes the next piece of the archive. */
  see(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength;) {
      const most = this.skip > 0 ? this.skip : this.wanted - this.have;
      const part = chunk.subarray(at, at + most);
      at += part.byteLength;
      if (this.skip > 0) this.skip -= part.byteLength;
      else this.collect(part);
    }
  }

  private collect(part: Uint8Array): void {
    this.parts.push(part);
    this.have += part.byteLength;
    if (this.have < this.wanted) return;
    const whole = Buffer.concat(this.parts);
    this.parts = [];
    this.have = 0;
    this.wanted = BLOCK;
    if (this.extended === undefined) this.header(whole);
    else this.extendedContents(this.extended, whole);
  }

  private header(block: Buffer): void {
    if (isEmpty(block)) return;
    const type = String.fromCharCode(block[TYPE] ?? 0);
    const size = this.sizeOf(block);
    if (!EXTENDED.includes(type)) {
      this.inARow = 0;
      const said = this.entrySize ?? "";
      this.entrySize = undefined;
      this.skip = type === FOLDER ? 0 : blocks(said === "" ? size : this.decimal(said));
      return;
    }
    this.inARow += 1;
    if (this.inARow > MAX_IN_A_ROW)
      throw this.refuse(`the tar archive has more than ${MAX_IN_A_ROW} extended headers in a row`);
    if (size > MAX_EXTENDED_BYTES)
      throw this.refuse(
        `the tar archive has an extended header of more than ${readableBytes(MAX_EXTENDED_BYTES)}`,
      );
    // The unpacker would take what comes after the next entry for its contents.
    if (size === 0) throw this.damaged("an extended header is empty");
    this.extended = type;
    this.wanted = size;
  }

  private extendedContents(type: string, contents: Buffer): void {
    this.extended = undefined;
    this.skip = blocks(contents.length) - contents.length;
    if (type === "g") this.globalSize = this.saidSize(contents);
    if (type === "x") this.entrySize = this.saidSize(contents) ?? this.globalSize ?? "";
  }

  /** What attributes say of the size, the last of them where several do. */
  private saidSize(contents: Buffer): string | undefined {
    let said: string | undefined;
    let count = 0;
    for (let rest = contents; rest.length > 0;) {
      if (rest[0] === 0 && rest.every((byte) => byte === 0)) break;
      const space = rest.indexOf(" ");
      const digits = space > MAX_LENGTH_DIGITS ? "" : rest.toString("latin1", 0, Math.max(space, 0));
      const length = /^\d+$/.test(digits) ? Number(digits) : 0;
      const record = rest.subarray(space + 1, Math.max(length - 1, 0));
      const equals = record.indexOf("=");
      if (length > rest.length || equals < 0 || rest[length - 1] !== 0x0a)
        throw this.damaged("its extended attributes can't be read");
      count += 1;
      if (count > MAX_ATTRIBUTES)
        throw this.refuse(`an entry carries more than ${MAX_ATTRIBUTES} extended attributes`);
      if (record.toString("latin1", 0, equals) === "size") said = record.toString("latin1", equals + 1);
      rest = rest.subarray(length);
    }
    return said;
  }

  private sizeOf(block: Buffer): number {
    const field = block.subarray(SIZE.from, SIZE.to);
    const first = field[0] ?? 0;
    // Sizes past 8 GiB are binary. A first byte of 0xff would make it negative.
    if (first >= 0x80) {
      const size = first === 0x80 ? Number(`0x${field.toString("hex", 1)}`) : Number.NaN;
      if (!Number.isSafeInteger(size)) throw this.damaged("an entry's size is none");
      return size;
    }
    const text = (/^ *([^ ]*)/.exec(field.toString("latin1"))?.[1] ?? "").replace(/^\0+/, "");
    if (text === "") return 0;
    const [octal] = /^[0-7]+/.exec(text) ?? [];
    if (octal === undefined) throw this.damaged("an entry's size is none");
    return Number.parseInt(octal, 8);
  }

  private decimal(text: string): number {
    const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(size)) throw this.damaged("an entry's size is none");
    return size;
  }

  private damaged(what: string): Error {
    return this.refuse(`the tar archive is damaged: ${what}`);
  }
}

/** A block of zeros, but for what its sum may say: the end of an archive. */
const isEmpty = (block: Buffer): boolean =>
  block.every((byte, at) => byte === 0 || (at >= SUM.from && at < SUM.to));

const blocks = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK;
