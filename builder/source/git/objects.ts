/** What an object says, where it can't be read as what it is said to be. */
export class ObjectError extends Error {
  override readonly name = "ObjectError";
}

export interface TreeEntry {
  name: string;
  kind: "file" | "executable" | "link" | "folder" | "submodule";
  oid: string;
}

const KINDS: Readonly<Record<string, TreeEntry["kind"]>> = {
  "100644": "file",
  // Written by early versions of git.
  "100664": "file",
  "100755": "executable",
  "120000": "link",
  "40000": "folder",
  "040000": "folder",
  "160000": "submodule",
};

const OID_BYTES = 20;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The entries of a tree object. */
export function treeEntries(tree: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < tree.byteLength;) {
    const blank = tree.indexOf(0x20, at);
    const end = tree.indexOf(0, blank);
    if (blank < 0 || end < 0 || end + 1 + OID_BYTES > tree.byteLength)
      throw new ObjectError("a folder of the repository is damaged");
    const mode = tree.toString("latin1", at, blank);
    const kind = Object.hasOwn(KINDS, mode) ? KINDS[mode] : undefined;
    if (kind === undefined)
      throw new ObjectError("a folder of the repository holds something of an unknown kind");
    entries.push({
      name: nameOf(tree.subarray(blank + 1, end)),
      kind,
      oid: tree.toString("hex", end + 1, end + 1 + OID_BYTES),
    });
    at = end + 1 + OID_BYTES;
  }
  return entries;
}

function nameOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ObjectError(
      `the name ${JSON.stringify(bytes.toString("latin1"))} of the repository is not UTF-8`,
    );
  }
}

/** The object that a header line of a commit or a tag names. */
function named(object: Buffer, header: "tree" | "object"): string {
  const [, oid] = new RegExp(`^${header} ([0-9a-f]{40})\n`).exec(object.toString("latin1", 0, 64)) ?? [];
  if (oid === undefined) throw new ObjectError("a commit or a tag of the repository is damaged");
  return oid;
}

/** The tree of a commit. */
export const treeOf = (commit: Buffer): string => named(commit, "tree");

/** What an annotated tag is of. */
export const taggedBy = (tag: Buffer): string => named(tag, "object");
