import { UserError } from "../../types";
import { hashOf } from "../hash";
import type { Lockfile } from "./dependencies";

/** What a Go function's go.mod says, as far as a build needs it. */
export interface GoModule {
  lockfile: Lockfile;
  /** Path of the module, by which its packages are imported. */
  path: string;
  /** The whole go.mod; of a source without one, a new one. */
  text: string;
  /** go.sum; "" where there is none. */
  sums: string;
  /** The source has a go.mod of its own. */
  own: boolean;
  /** Modules lie in folders of the source (`replace … => ./…`). */
  needsSource: boolean;
}

/** Path of the module of a source that has no go.mod. */
const UNNAMED = "function";
const MODULE_PATH = /^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/;

/** @param texts go.mod and go.sum by name */
export function readGoModule(texts: ReadonlyMap<string, string>, goVersion: string): GoModule {
  const text = texts.get("go.mod");
  const sums = texts.get("go.sum") ?? "";
  if (text === undefined)
    return {
      lockfile: { kind: "none", hash: hashOf(["go"]) },
      path: UNNAMED,
      text: `module ${UNNAMED}\n\ngo ${goVersion}\n`,
      sums: "",
      own: false,
      needsSource: false,
    };
  const [, quoted, bare] =
    /^module\s+(?:"([^\s"]+)"|([^\s"]+))$/.exec(
      directives(text).find((line) => /^module\s/.test(line)) ?? "",
    ) ?? [];
  const path = quoted ?? bare;
  if (path === undefined || !MODULE_PATH.test(path))
    throw new UserError(
      "GoModInvalid",
      "go.mod names no module by a path that Go takes; write it as in module example.com/function",
      "spec.source",
    );
  const requires = [...requirementsOf(text).keys()];
  return {
    lockfile: {
      kind: requires.length === 0 ? "none" : sums === "" ? "ranges" : "locked",
      hash: hashOf(requires.length === 0 ? ["go"] : ["go", text, sums]),
    },
    path,
    text,
    sums,
    own: true,
    needsSource: directives(text).some((line) => /^replace\s.*=>\s+\.{0,2}\//.test(line)),
  };
}

/**
 * A go.mod that asks for what both ask for, each module in the higher of the two versions, as Go itself would choose. The go line rises
 * to what the platform's modules need.
 */
export function mergeGoMod(own: string, platform: string): string {
  const asked = requirementsOf(own);
  const missing = [...requirementsOf(platform)].filter(([path, version]) => {
    const current = asked.get(path);
    return current === undefined || compareVersions(current, version) < 0;
  });
  const base = raiseGoLine(own, goLine(platform) ?? "1.0");
  if (missing.length === 0) return base;
  // A module that is required twice counts in the higher version.
  return `${base.trimEnd()}\n\nrequire (\n${missing.map(([path, version]) => `\t${path} ${version}\n`).join("")})\n`;
}

function raiseGoLine(own: string, needed: string): string {
  const current = goLine(own);
  if (current === undefined) return `${own.trimEnd()}\n\ngo ${needed}\n`;
  if (compareVersions(current, needed) >= 0) return own;
  return own.replace(/^[ \t]*go[ \t]+\S+/m, `go ${needed}`);
}

/** Lines of both go.sum files, each once. */
export const mergeGoSum = (own: string, platform: string): string =>
  [...new Set([...own.split("\n"), ...platform.split("\n")].map((line) => line.trim()))]
    .filter((line) => line !== "")
    .map((line) => `${line}\n`)
    .join("");

/** Directives, one a line: blocks are taken apart, comments dropped. */
function directives(text: string): string[] {
  const result: string[] = [];
  let block: string | undefined;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/(^|\s)\/\/.*$/, "").trim();
    if (line === "") continue;
    const opens = /^([a-z]+)\s*\($/.exec(line)?.[1];
    if (opens !== undefined) block = opens;
    else if (line === ")") block = undefined;
    else result.push(block === undefined ? line : `${block} ${line}`);
  }
  return result;
}

function requirementsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of directives(text)) {
    const match = /^require\s+"?([^\s"]+)"?\s+(v[^\s]+)$/.exec(line);
    if (match) found.set(match[1] ?? "", match[2] ?? "");
  }
  return found;
}

const goLine = (text: string): string | undefined =>
  directives(text).flatMap((line) => /^go\s+(\S+)$/.exec(line)?.[1] ?? [])[0];

/** Order of two versions, `v1.2.3-pre` or `1.26`, as semver has it: negative where the first is lower. */
export function compareVersions(a: string, b: string): number {
  const [coreA = "", preA = ""] = split(a);
  const [coreB = "", preB = ""] = split(b);
  const numbersA = coreA.split(".").map(Number);
  const numbersB = coreB.split(".").map(Number);
  for (let index = 0; index < Math.max(numbersA.length, numbersB.length); index += 1) {
    const difference = (numbersA[index] ?? 0) - (numbersB[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA === preB) return 0;
  if (preA === "") return 1;
  if (preB === "") return -1;
  return comparePrerelease(preA.split("."), preB.split("."));
}

const split = (version: string): string[] => {
  const [, core = "", pre = ""] = /^v?([\d.]+)(?:-?([^+]*))?/.exec(version) ?? [];
  return [core, pre];
};

function comparePrerelease(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [x, y] = [a[index], b[index]];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    if (x === y) continue;
    const numeric = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (numeric[0] && numeric[1]) return Number(x) - Number(y);
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}
