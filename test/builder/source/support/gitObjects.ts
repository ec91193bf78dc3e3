import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

export type StoredType = "commit" | "tree" | "blob" | "tag";
const NUMBERS = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;

/** A repository in memory: objects by name, as hostile as a test wants them. */
export class GitObjects {
  readonly objects = new Map<string, { type: StoredType; contents: Buffer }>();

  add(type: StoredType, contents: Buffer | string): string {
    const bytes = Buffer.from(contents as string);
    const oid = createHash("sha1").update(`${type} ${bytes.length}\0`).update(bytes).digest("hex");
    this.objects.set(oid, { type, contents: bytes });
    return oid;
  }

  /** A folder. Files are texts, folders are objects, and `entry` makes everything else. */
  tree(entries: Record<string, string | Entry>): string {
    const lines = Object.entries(entries).map(([name, value]) => {
      const { mode, oid } =
        typeof value === "string" ? { mode: "100644", oid: this.add("blob", value) } : value;
      return Buffer.concat([
        Buffer.from(`${mode} `),
        Buffer.from(name),
        Buffer.from([0]),
        Buffer.from(oid, "hex"),
      ]);
    });
    return this.add("tree", Buffer.concat(lines));
  }

  commit(tree: string): string {
    return this.add(
      "commit",
      `tree ${tree}\nauthor A <a@example.com> 0 +0000\ncommitter A <a@example.com> 0 +0000\n\nx\n`,
    );
  }

  tag(oid: string): string {
    return this.add("tag", `object ${oid}\ntype commit\ntag v1\ntagger A <a@example.com> 0 +0000\n\nx\n`);
  }

  /** All objects in one pack, none as a difference. */
  pack(): Buffer {
    return packOf([...this.objects.values()].map(({ type, contents }) => stored(NUMBERS[type], contents)));
  }
}

export interface Entry {
  mode: string;
  oid: string;
}
export const entry = (mode: string, oid: string): Entry => ({ mode, oid });

/** An object as it stands in a pack. `claimed` is the size that its header says. */
export function stored(
  kind: number,
  contents: Buffer,
  before: Buffer = Buffer.alloc(0),
  claimed = contents.length,
): Buffer {
  return Buffer.concat([header(kind, claimed), before, deflateSync(contents)]);
}

export function header(kind: number, size: number): Buffer {
  const bytes = [(kind << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

export function packOf(objects: readonly Buffer[], count = objects.length): Buffer {
  const head = Buffer.alloc(12);
  head.write("PACK");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  const body = Buffer.concat([head, ...objects]);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

/** A delta that copies from its base and inserts, by git's notation. */
export function deltaOf(
  base: number,
  result: number,
  ...commands: (string | { from: number; size: number })[]
): Buffer {
  const parts = commands.map((command) => {
    if (typeof command === "string")
      return Buffer.concat([Buffer.from([command.length]), Buffer.from(command)]);
    const bytes = [0x80];
    for (let bit = 0, rest = command.from; rest > 0; bit++, rest = Math.floor(rest / 256)) {
      bytes[0] = (bytes[0] ?? 0) | (1 << bit);
      bytes.push(rest % 256);
    }
    for (let bit = 0, rest = command.size; rest > 0; bit++, rest = Math.floor(rest / 256)) {
      bytes[0] = (bytes[0] ?? 0) | (0x10 << bit);
      bytes.push(rest % 256);
    }
    return Buffer.from(bytes);
  });
  return Buffer.concat([varint(base), varint(result), ...parts]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** The name of a file's contents, as bytes. */
export const oidOf = (contents: Buffer): Buffer => Buffer.from(new GitObjects().add("blob", contents), "hex");

/** How far back a base lies, as a pack writes it. */
export function distance(bytes: number): Buffer {
  const out = [bytes & 0x7f];
  for (let rest = bytes >> 7; rest > 0; rest >>= 7) out.unshift(0x80 | (--rest & 0x7f));
  return Buffer.from(out);
}

export const deltaAfter = (base: Buffer, delta: Buffer): Buffer => stored(7, delta, oidOf(base));

/** A pack of any bytes, with the right sum. */
export const signed = (body: Buffer): Buffer =>
  Buffer.concat([body, createHash("sha1").update(body).digest()]);
