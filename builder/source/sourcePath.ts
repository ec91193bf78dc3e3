import { UserError } from "../types";

/** Linux's NAME_MAX. */
const MAX_NAME_BYTES = 255;
/** A quarter of Linux's PATH_MAX: what the image lays before it fits too. */
const MAX_PATH_BYTES = 1024;
/** Longest target of a link: Linux's PATH_MAX. */
export const MAX_LINK_BYTES = 4096;

/**
 * Characters that a name may not hold: controls, halves of surrogate pairs, line separators, and those that change the direction of the
 * text after them. They are in no honest name, and turn a log line or a Dockerfile into something else than it shows.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
const EACH_UNSAFE = new RegExp(UNSAFE, "gu");

/** A name as it may stand in a message: quoted, escaped, of bounded length. */
export const shown = (name: string): string =>
  JSON.stringify(name.length > 120 ? `${name.slice(0, 117)}…` : name).replace(
    EACH_UNSAFE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

function wrongWith(path: string): string | undefined {
  if (path === "") return "has no name";
  if (path.startsWith("/")) return "is absolute; paths start at the source's root";
  if (path.includes("\\")) return 'holds a backslash; "/" separates folders';
  if (UNSAFE.test(path)) return "holds a character that no file name needs";
  if (path.includes("\uFFFD")) return "is not UTF-8";
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  for (const part of path.split("/")) {
    if (part === "" || part === ".") return 'has an empty part or "."';
    if (part === "..") return 'leaves the source by ".."';
    if (Buffer.byteLength(part) > MAX_NAME_BYTES) return `has a part longer than ${MAX_NAME_BYTES} bytes`;
    // In a layer of an image such a file removes another one.
    if (part.startsWith(".wh.")) return "starts with .wh., by which images remove files";
  }
  return undefined;
}

/**
 * The path of a file in a source: relative, checked, in Unicode's normalisation form C. A leading "./" and a trailing "/", as tar writes
 * them, are taken off.
 *
 * @throws UserError for a path that leaves the source or that can't be carried into an image as it is.
 */
export function sourcePath(raw: string, field?: string): string {
  // Each ends at the first character that differs: no backtracking over hostile names.
  const path = raw
    .replace(/^(?:\.\/+)+/, "")
    .replace(/(?<!\/)\/+$/, "")
    .normalize("NFC");
  const wrong = wrongWith(path);
  if (wrong !== undefined) throw new UserError("SourceInvalid", `the path ${shown(raw)} ${wrong}`, field);
  return path;
}

/** A path against a folder of the source, or undefined where it leaves the source. Both are relative, the folder "" is the root. */
export function resolveInside(folder: string, target: string): string | undefined {
  if (target.startsWith("/")) return undefined;
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/").normalize("NFC");
}

/** The folder of a path; "" for a file at the root. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** The last part of a path. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
