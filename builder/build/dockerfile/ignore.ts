import { posix } from "node:path";

/** Folder of the context in which a function's source lies, so that nothing of it meets the platform's own files. */
export const CODE_FOLDER = "code";
/** Folder of the context with what serves a function. */
export const PLATFORM_FOLDER = "platform";

/** What no image needs, whatever the language. */
const NEVER = [".git", "**/.DS_Store", ".dockerignore"];

export interface IgnoreInput {
  /** What an image of this language doesn't need, relative to the source. */
  language: readonly string[];
  /** The source's own .dockerignore. */
  own: string | undefined;
  /** Files of the source that the Dockerfile copies by name, whatever the source's own patterns say. */
  needed: readonly string[];
}

/** The .dockerignore of a generated Dockerfile: patterns of the source, its own among them, move into its folder of the context. */
export function dockerignore({ language, own, needed }: IgnoreInput): string {
  const patterns = [
    ...[...NEVER, ...language, ...ownPatterns(own ?? "")].flatMap(inCode),
    ...needed.map((path) => `!${CODE_FOLDER}/${path}`),
  ];
  return patterns.map((pattern) => `${pattern}\n`).join("");
}

const ownPatterns = (text: string): string[] =>
  text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line) => line.trim())
    // A line that begins with # is a comment.
    .filter((line) => line !== "" && !line.startsWith("#"));

/** A pattern that means below the source's folder what it meant at the top; none where it meant the top itself, or what lies outside. */
function inCode(pattern: string): string[] {
  const [, not = "", written = ""] = /^(!?)\s*\/*(.*)$/.exec(pattern) ?? [];
  const path = posix.normalize(written);
  return path === "." || path === "./" || path === ".." || path.startsWith("../")
    ? []
    : [`${not}${CODE_FOLDER}/${path}`];
}
