import { PackError } from "./packFile";

export type ObjectType = "commit" | "tree" | "blob" | "tag";

const TYPES: Readonly<Record<number, ObjectType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;

/** Type and size take at most 10 bytes, the name of a base 20. */
export const MAX_HEADER_BYTES = 32;

export interface ObjectHeader {
  /** None for a delta: it has the type of what it starts from. */
  type: ObjectType | undefined;
  /** Of the data that follow, inflated. */
  size: number;
  /** Bytes that the header takes. */
  used: number;
  /** Of a delta: how far before it the object lies that it starts from, or that object's name. */
  base: number | string | undefined;
}

/** Reads what stands before an object in a pack (git-scm.com: gitformat-pack). */
export function readObjectHeader(head: Buffer): ObjectHeader {
  let used = 0;
  const byte = (): number => {
    const value = head[used++];
    if (value === undefined) throw new PackError("the pack ends early");
    return value;
  };
  let last = byte();
  const kind = (last >> 4) & 7;
  let size = last & 15;
  for (let weight = 16; last >= 0x80; weight *= 128) {
    last = byte();
    size += (last & 0x7f) * weight;
    if (!Number.isSafeInteger(size)) throw new PackError("an object has no size");
  }
  if (kind === REFERENCE_DELTA) {
    const base = head.toString("hex", used, used + 20);
    if (base.length !== 40) throw new PackError("the pack ends early");
    return { type: undefined, size, used: used + 20, base };
  }
  if (kind === OFFSET_DELTA) {
    last = byte();
    let base = last & 0x7f;
    while (last >= 0x80) {
      last = byte();
      base = (base + 1) * 128 + (last & 0x7f);
    }
    return { type: undefined, size, used, base };
  }
  const type = TYPES[kind];
  if (type === undefined) throw new PackError("the pack holds something of an unknown kind");
  return { type, size, used, base: undefined };
}
