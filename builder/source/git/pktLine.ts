import { type Bytes } from "../streams";

/** The largest packet with its length (git's protocol-common). */
const MAX_PACKET = 65_520;

/** One packet: its payload, or what ends a section. */
export type Packet = Buffer | "flush";

/** A packet as it is sent. */
export const packet = (payload: string): string =>
  (Buffer.byteLength(payload) + 4).toString(16).padStart(4, "0") + payload;

export const FLUSH = "0000";

/** What is no packet, or ends within one. */
export class PacketError extends Error {
  override readonly name = "PacketError";
}

/** The packets of a stream of git's protocol. */
export async function* packets(stream: Bytes): AsyncGenerator<Packet> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.byteLength === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      if (rest.byteLength - at < 4) break;
      const length = lengthOf(rest.toString("latin1", at, at + 4));
      if (length === 0) {
        at += 4;
        yield "flush";
        continue;
      }
      if (rest.byteLength - at < length) break;
      yield rest.subarray(at + 4, at + length);
      at += length;
    }
    rest = rest.subarray(at);
  }
  if (rest.byteLength > 0) throw new PacketError("the server's answer ends within a packet");
}

function lengthOf(hex: string): number {
  const length = /^[0-9a-f]{4}$/i.test(hex) ? Number.parseInt(hex, 16) : NaN;
  // 1 to 3 are marks of version 2 of the protocol, which isn't asked for.
  if (length === 0 || (length >= 4 && length <= MAX_PACKET)) return length;
  throw new PacketError("the server's answer is not of git's protocol");
}

/** A packet's line, without its end. */
export const lineOf = (payload: Buffer): string => payload.toString().replace(/\n$/, "");
