/** What a stream is by its first bytes. Names say what its author meant; only the bytes say what it is. */
export type Kind = "gzip" | "zip" | "tar" | "file" | "refused";

/** Bytes that tell: a block of tar. */
export const HEAD_BYTES = 512;

const starts = (head: Buffer, ...bytes: number[]): boolean => bytes.every((byte, at) => head[at] === byte);

/** Compressions that are archives elsewhere, by their first bytes. */
const OTHERS: readonly (readonly [string, readonly number[]])[] = [
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["rar", [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
];

/** Whether these are the first bytes of a tar archive, as POSIX and GNU write it; an empty one is all zeros. */
export const isTar = (head: Buffer): boolean =>
  head.toString("latin1", 257, 262) === "ustar" ||
  (head.length >= HEAD_BYTES && head.every((byte) => byte === 0));

export function kindOf(head: Buffer): { kind: Exclude<Kind, "refused"> } | { kind: "refused"; what: string } {
  if (starts(head, 0x1f, 0x8b)) return { kind: "gzip" };
  // A local file's header, or the end of an empty archive.
  if (starts(head, 0x50, 0x4b, 0x03, 0x04) || starts(head, 0x50, 0x4b, 0x05, 0x06)) return { kind: "zip" };
  if (isTar(head)) return { kind: "tar" };
  const other = OTHERS.find(([, bytes]) => starts(head, ...bytes));
  return other === undefined ? { kind: "file" } : { kind: "refused", what: other[0] };
}

/** Whether a name says that it is an archive. */
export const namedAsArchive = (name: string): boolean => /\.(?:tar|tar\.[a-z0-9]+|tgz|zip)$/i.test(name);
