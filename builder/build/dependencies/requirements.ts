import { posix } from "node:path";
import { UserError } from "../../types";
import { hashOf } from "../hash";
import type { LockKind, Lockfile } from "./dependencies";

export const REQUIREMENTS = "requirements.txt";

/** What a Python function's requirements.txt, with all files that it includes, asks for. */
export interface Requirements {
  lockfile: Lockfile;
  /** One file for pip in place of those that include each other; undefined where nothing is asked for. */
  text: string | undefined;
  /** One file of all constraints (`-c`); undefined where there are none. */
  constraints: string | undefined;
  /** A requirement lies in the source itself (`-e .`, a wheel), so that pip needs the whole source. `text` is then of no use. */
  needsSource: boolean;
  /** pip is told hashes, and then wants one of everything. */
  hashes: boolean;
  /** Packages that are named, normalised as PEP 503 says. */
  names: ReadonlySet<string>;
}

/** Files that a requirements file includes, resolved against its folder as pip does. Addresses are left out. */
export const includedFiles = (path: string, text: string): string[] =>
  logicalLines(text).flatMap((line) => {
    const include = includeOf(line);
    return include === undefined || isAddress(include.path) ? [] : [resolve(path, include.path)];
  });

/**
 * Reads requirements.txt and what it includes.
 * @param texts requirements files by path, {@link REQUIREMENTS} and everything it includes
 * @param sourceHash hash of the source, for requirements that lie in it
 */
export function readRequirements(texts: ReadonlyMap<string, string>, sourceHash: string): Requirements {
  const top = texts.get(REQUIREMENTS);
  const requirements: string[] = [];
  const constraints: string[] = [];
  if (top !== undefined) flatten(REQUIREMENTS, top, texts, requirements, constraints, new Set());

  const asked = requirements.filter((line) => !line.startsWith("-"));
  const local = requirements.filter(isLocal);
  const kind = kindOf(requirements, asked);
  return {
    lockfile: {
      kind,
      hash: hashOf(["pip", requirements, constraints, local.length > 0 ? sourceHash : null]),
    },
    text: asked.length + local.length > 0 ? lines(requirements) : undefined,
    constraints: constraints.length > 0 ? lines(constraints) : undefined,
    needsSource: local.length > 0,
    hashes: requirements.some((line) => /(^|\s)--(hash|require-hashes)\b/.test(line)),
    names: new Set(asked.flatMap((line) => normalisedName(line) ?? [])),
  };
}

function kindOf(all: readonly string[], asked: readonly string[]): LockKind {
  if (asked.length === 0 && !all.some(isLocal)) return "none";
  // An include that is left is one by address: what it says tomorrow nobody knows.
  const open = all.some((line) => includeOf(line) !== undefined || isLocal(line));
  return !open && asked.every(isExact) ? "locked" : "ranges";
}

/** Exactly one version, or exactly one content. */
const isExact = (line: string): boolean =>
  /^[\w.-]+(\[[^\]]*\])?\s*\(?===?\s*[^\s*,;)]+\)?\s*(;.*|--.*)?$/.test(line) ||
  /^[\w.-]+(\[[^\]]*\])?\s*@\s*https?:\/\/\S+#(.*&)?sha256=[0-9a-f]{64}/.test(line) ||
  /^([\w.-]+(\[[^\]]*\])?\s*@\s*)?git\+https?:\/\/\S+@[0-9a-f]{40}(#\S*)?$/.test(line);

/** Whether a line means something in the source: an editable install, a path, a wheel. */
function isLocal(line: string): boolean {
  const editable = /^(-e|--editable)[\s=]/.test(line);
  const what = line.replace(/^(-e|--editable)[\s=]\s*/, "").trim();
  if (isAddress(what.replace(/^[\w.-]+(\[[^\]]*\])?\s*@\s*/, ""))) return false;
  if (/^(-f|--find-links)[\s=]/.test(line)) return !isAddress(line.replace(/^[^\s=]+[\s=]\s*/, ""));
  if (line.startsWith("-") && !editable) return false;
  return (
    editable ||
    /^(\.|\/|file:)|^[\w.-]+(\[[^\]]*\])?\s*@\s*file:/.test(what) ||
    /^\S*[/\\]|\.(whl|zip|tar\.gz|tgz)(\s|;|$)/.test(what.replace(/\s*;.*$/, ""))
  );
}

function flatten(
  path: string,
  text: string,
  texts: ReadonlyMap<string, string>,
  requirements: string[],
  constraints: string[],
  seen: Set<string>,
): void {
  if (seen.has(path)) return;
  seen.add(path);
  for (const line of logicalLines(text)) {
    const include = includeOf(line);
    if (include === undefined || isAddress(include.path)) {
      requirements.push(line);
      continue;
    }
    const target = resolve(path, include.path);
    const included = texts.get(target);
    if (included === undefined)
      throw new UserError(
        "RequirementsInvalid",
        `${path} includes ${target}, which the source does not have; add the file or take the line out`,
        "spec.source",
      );
    flatten(target, included, texts, include.constraint ? constraints : requirements, constraints, seen);
  }
}

/** Lines as pip takes them: joined where they end with a backslash, without comments and empty ones. */
export const logicalLines = (text: string): string[] =>
  text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");

function includeOf(line: string): { path: string; constraint: boolean } | undefined {
  const match = /^(?:(-r|--requirement)|(-c|--constraint))(?:\s*=\s*|\s+|(?<=-[rc]))(\S.*)$/.exec(line);
  return match ? { path: match[3] ?? "", constraint: match[2] !== undefined } : undefined;
}

const isAddress = (text: string): boolean =>
  /^(https?|ftp|git\+[a-z]+|hg\+[a-z]+|svn\+[a-z]+|bzr\+[a-z]+):/i.test(text);

function resolve(from: string, to: string): string {
  const path = posix.normalize(posix.join(posix.dirname(from), to));
  if (posix.isAbsolute(to) || path === ".." || path.startsWith("../"))
    throw new UserError(
      "RequirementsInvalid",
      `${from} includes ${to}, which lies outside of the source`,
      "spec.source",
    );
  return path;
}

const normalisedName = (line: string): string | undefined =>
  /^([A-Za-z0-9]|[A-Za-z0-9][\w.-]*[A-Za-z0-9])(?=\s*(\[|[=<>!~;@(]|--|$)|\s)/
    .exec(line)?.[1]
    ?.toLowerCase()
    .replace(/[-_.]+/g, "-");

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join("");
