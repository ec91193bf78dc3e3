import { createHash } from "node:crypto";
import type { Language } from "../../../../contract/function/spec";
import { resolveHandler } from "../../../../builder/build/handler";
import { OWN_DOCKERFILE } from "../../../../builder/build/manifests";
import { type PackageIndexes, readPackageIndexes } from "../../../../builder/build/packageIndexes";
import { type BuildPlan, renderBuild, type Source } from "../../../../builder/build/renderBuild";
import { treeHash } from "../../../../builder/source/treeHash";
import type { SourceFile } from "../../../../builder/types";

const digest = (character: string): string => `sha256:${character.repeat(64)}`;

export const BASES = {
  python: {
    build: `registry.example.com/python:3.13-slim@${digest("a")}`,
    runtime: `registry.example.com/python:3.13-slim@${digest("a")}`,
  },
  nodejs: {
    build: `registry.example.com/node:22-slim@${digest("b")}`,
    runtime: `registry.example.com/node:22-slim@${digest("b")}`,
  },
  go: {
    build: `registry.example.com/golang:1.26@${digest("c")}`,
    runtime: `registry.example.com/alpine:3.22@${digest("d")}`,
  },
};

export const NO_INDEXES: PackageIndexes = readPackageIndexes(undefined);

export const filesOf = (texts: Readonly<Record<string, string>>): SourceFile[] =>
  Object.entries(texts)
    .map(([path, text]) => ({
      path,
      size: Buffer.byteLength(text),
      executable: false,
      sha256: createHash("sha256").update(text).digest("hex"),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

const VERSIONS: Record<Language, string> = { python: "3.13", nodejs: "22", go: "1.26" };

/** A source whose every file is read. */
export function sourceOf(
  language: Language,
  texts: Readonly<Record<string, string>>,
  handler = "index.handler",
  version = VERSIONS[language],
): Source {
  const files = filesOf(texts);
  const runtime = { language, version, handler };
  return {
    hash: treeHash(files),
    files,
    runtime,
    manifests: new Map(Object.entries(texts)),
    handler: texts[OWN_DOCKERFILE] === undefined ? resolveHandler(runtime, files) : undefined,
  };
}

export const planOf = (
  language: Language,
  texts: Readonly<Record<string, string>>,
  handler?: string,
  indexes: PackageIndexes = NO_INDEXES,
): BuildPlan => renderBuild(sourceOf(language, texts, handler), BASES[language], indexes);
