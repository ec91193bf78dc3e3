import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Language } from "../../contract/function/spec";
import { type SourceTree, UserError } from "../types";
import { MAX_MANIFEST_BYTES } from "./dependencies/dependencies";
import { NPM_LOCKFILES, PACKAGE_JSON } from "./dependencies/packageJson";
import { includedFiles, REQUIREMENTS } from "./dependencies/requirements";
import { goFileIn, type Handler } from "./handler";

/** The files of a source that decide how it is built, by path. All else goes into the context unread. */
export type Manifests = ReadonlyMap<string, string>;

const TOP: Record<Language, readonly string[]> = {
  python: [REQUIREMENTS],
  nodejs: [PACKAGE_JSON, ...NPM_LOCKFILES, ".npmrc", "binding.gyp"],
  go: ["go.mod", "go.sum"],
};

export const OWN_DOCKERFILE = "Dockerfile";

/** Whether a source is built by a Dockerfile of its own. */
export const hasOwnDockerfile = ({ files }: Pick<SourceTree, "files">): boolean =>
  files.some(({ path }) => path === OWN_DOCKERFILE);

/**
 * Reads what {@link renderBuild} needs of a source, and of what it includes.
 * @param handler undefined for a source with a Dockerfile of its own
 */
export async function readManifests(
  tree: Pick<SourceTree, "folder" | "files">,
  language: Language,
  handler: Handler | undefined,
): Promise<Manifests> {
  const sizes = new Map(tree.files.map(({ path, size }) => [path, size]));
  const texts = new Map<string, string>();
  let total = 0;
  const wanted =
    handler === undefined
      ? [OWN_DOCKERFILE]
      : [
          ".dockerignore",
          ...TOP[language],
          ...(language === "go" ? packageFiles(handler, sizes.keys()) : []),
        ];
  while (wanted.length > 0) {
    const path = wanted.pop() ?? "";
    const size = sizes.get(path);
    if (size === undefined || texts.has(path)) continue;
    total += size;
    if (total > MAX_MANIFEST_BYTES)
      throw new UserError(
        "ManifestTooLarge",
        `${path} and the files like it have more than ${MAX_MANIFEST_BYTES / 1024 ** 2} MiB`,
        "spec.source",
      );
    const text = await readFile(join(tree.folder, path), "utf8");
    texts.set(path, text);
    if (language === "python" && handler !== undefined && path !== ".dockerignore")
      wanted.push(...includedFiles(path, text));
  }
  return texts;
}

const packageFiles = (handler: Handler, paths: Iterable<string>): string[] => {
  const prefix = handler.file === "." ? "" : `${handler.file}/`;
  return [...paths].filter((path) => goFileIn(path, prefix));
};
