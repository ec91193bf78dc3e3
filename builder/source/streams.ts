import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type UserError } from "../types";
import { FREE_UNPACKED_BYTES, MAX_RATIO } from "./limits";

export type Bytes = AsyncIterable<Uint8Array>;

/**
 * A stream whose reader comes later. An error that comes before its reader is kept for it; unheard, it would end the process. Destroying the
 * stream keeps it: one that was only said, as some do, would be heard here, and its reader would wait for ever.
 */
export function held<Stream extends Readable>(stream: Stream): Stream {
  return stream.on("error", (error) => stream.destroy(error));
}

/** Passes a stream on, and ends it with an error once it is larger than allowed. */
export async function* limited(
  stream: Bytes,
  bytes: number,
  error: () => UserError,
): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const chunk of stream) {
    passed += chunk.byteLength;
    if (passed > bytes) throw error();
    yield chunk;
  }
}

/**
 * Unpacks gzip, and ends with an error where the data grows as only padding does. So a small archive can't keep the builder unpacking, even
 * where everything in it is thrown away.
 */
export async function* gunzip(stream: Bytes, tooMuch: () => UserError): AsyncGenerator<Uint8Array> {
  let packed = 0;
  let unpacked = 0;
  const counted = (async function* () {
    for await (const chunk of stream) {
      packed += chunk.byteLength;
      yield chunk;
    }
  })();
  const unzip = createGunzip();
  // Ends `unzip` with whatever ends the stream: the loop below throws it. A loop that is left early ends the stream in turn.
  const feeding = pipeline(Readable.from(counted), unzip, { end: true }).catch(() => undefined);
  try {
    for await (const chunk of unzip as AsyncIterable<Uint8Array>) {
      unpacked += chunk.byteLength;
      if (unpacked > FREE_UNPACKED_BYTES && unpacked > packed * MAX_RATIO) throw tooMuch();
      yield chunk;
    }
  } finally {
    unzip.destroy();
    await feeding;
  }
}

/** The first bytes of a stream, at least `count` of them unless it ends before, and the whole stream again. */
export async function peek(stream: Bytes, count: number): Promise<{ head: Buffer; whole: Bytes }> {
  const iterator = stream[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    length += next.value.byteLength;
  }
  const head = Buffer.concat(chunks);
  const whole = (async function* () {
    try {
      if (head.byteLength > 0) yield head;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  })();
  return { head, whole };
}
