import { folderOf, resolveInside } from "./sourcePath";

/** As many as Linux follows. */
const MAX_HOPS = 40;

export type Resolved = { path: string } | { wrong: string };

/**
 * The file that a symbolic link leads to, within the source. Nothing on disk is followed: names alone are resolved, against what the
 * source holds.
 *
 * @param links Targets by the links' paths.
 * @param taken What every path of the source is; links count as files.
 */
export function resolveLink(
  path: string,
  links: ReadonlyMap<string, string>,
  taken: ReadonlyMap<string, "file" | "folder">,
): Resolved {
  let at = path;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const target = links.get(at);
    if (target === undefined) {
      const kind = taken.get(at);
      if (kind === "file") return { path: at };
      return kind === "folder"
        ? { wrong: "points to a folder; a source holds regular files, and links to them" }
        : { wrong: "points to a file that is not in the source" };
    }
    const next = resolveInside(folderOf(at), target);
    if (next === undefined)
      return { wrong: "points out of the source; leave it out, or put the file in its place" };
    at = next;
  }
  return { wrong: "leads in a circle" };
}
