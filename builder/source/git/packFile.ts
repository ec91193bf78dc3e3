import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createInflate, inflateSync } from "node:zlib";

/** What is no pack, or a damaged one. */
export class PackError extends Error {
  override readonly name = "PackError";
}

/** A pack holds more than it may. */
export class PackTooLarge extends Error {
  override readonly name = "PackTooLarge";
}

const SUM_BYTES = 20;
/** Read from the file at once. */
const WINDOW_BYTES = 1024 * 1024;
/** Up to this size an object is inflated in one call, which blocks for a few milliseconds at most; a stream each would take longer. */
const INLINE_BYTES = 512 * 1024;

/** How many bytes zlib may need for that many (deflateBound of zlib.h), and some more. */
const deflatedBytes = (size: number): number => size + Math.ceil(size / 8) + Math.ceil(size / 64) + 64;

/** Compressed objects in a file, read where they lie. */
export class PackFile {
  private window = Buffer.alloc(0);
  private start = 0;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    /** Where the sum begins that ends a pack. */
    private readonly size: number,
  ) {}

  static async open(path: string): Promise<PackFile> {
    const handle = await open(path, "r");
    return new PackFile(path, handle, Math.max(0, (await handle.stat()).size - SUM_BYTES));
  }

  close(): Promise<void> {
    return this.handle.close();
  }

  /** Bytes at a place; fewer where the file ends before. They are good until the next call. */
  async at(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    if (offset < this.start || offset + wanted > this.start + this.window.byteLength) {
      const buffer = Buffer.allocUnsafe(Math.max(wanted, Math.min(WINDOW_BYTES, this.size - offset)));
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.byteLength, offset);
      this.window = buffer.subarray(0, bytesRead);
      this.start = offset;
    }
    const from = offset - this.start;
    return this.window.subarray(from, from + wanted);
  }

  /**
   * Inflates the object at a place, of which its header says the size.
   *
   * @returns How many bytes it takes in the file.
   */
  async inflate(offset: number, size: number, take: (chunk: Buffer) => void): Promise<number> {
    if (size <= INLINE_BYTES) {
      const packed = await this.at(offset, deflatedBytes(size));
      const inflated = inlined(packed, size);
      if (inflated !== undefined) {
        take(inflated.data);
        return inflated.taken;
      }
    }
    const stream = new Inflated(this.path, offset, size);
    for await (const chunk of stream.chunks()) take(chunk);
    return stream.taken;
  }

  /** The object at a place, piece by piece. */
  stream(offset: number, size: number): AsyncGenerator<Buffer> {
    return new Inflated(this.path, offset, size).chunks();
  }
}

/** An object that was inflated in one call, or undefined where it needs more of the file. */
function inlined(packed: Buffer, size: number): { data: Buffer; taken: number } | undefined {
  try {
    // With `info` it answers the engine too, which the types don't say (nodejs.org: zlib, "Class: Options").
    const { buffer, engine } = inflateSync(packed, {
      info: true,
      maxOutputLength: Math.max(1, size),
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.byteLength !== size) throw new PackError("an object is smaller than its header says");
    return { data: buffer, taken: engine.bytesWritten };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "Z_BUF_ERROR") return undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new PackError("an object is larger than its header says");
    throw code?.startsWith("Z_") === true ? new PackError(`an object is damaged: ${message}`) : error;
  }
}

/** An object that is inflated as a stream. */
class Inflated {
  /** Bytes that it takes in the file, once it was read. */
  taken = 0;

  constructor(
    private readonly path: string,
    private readonly offset: number,
    private readonly size: number,
  ) {}

  async *chunks(): AsyncGenerator<Buffer> {
    const inflate = createInflate();
    const file = createReadStream(this.path, { start: this.offset });
    // The file goes on after the object: the inflater ends at its end, and the file is let go of below.
    pipeline(file, inflate, () => undefined);
    let bytes = 0;
    try {
      for await (const chunk of inflate as AsyncIterable<Buffer>) {
        bytes += chunk.byteLength;
        if (bytes > this.size) throw new PackError("an object is larger than its header says");
        yield chunk;
      }
      if (bytes !== this.size) throw new PackError("an object is smaller than its header says");
      this.taken = inflate.bytesWritten;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw code?.startsWith("Z_") === true ? new PackError(`an object is damaged: ${message}`) : error;
    } finally {
      inflate.destroy();
      file.destroy();
    }
  }
}
