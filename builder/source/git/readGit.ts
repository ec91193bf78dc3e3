import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type FunctionSource } from "../../../contract/function/source";
import { InfrastructureError, UserError } from "../../types";
import { readableBytes, type SourceLimits } from "../limits";
import { baseName, MAX_LINK_BYTES, shown, sourcePath } from "../sourcePath";
import { type TreeWriter } from "../treeWriter";
import { ObjectError, taggedBy, type TreeEntry, treeEntries, treeOf } from "./objects";
import { IN_MEMORY_BYTES, isDamage, Pack } from "./pack";
import { PackTooLarge } from "./packFile";
import { checkRef, objectOf } from "./refs";
import { type Repository } from "./repository";

/** As many as a repository of the largest allowed size has; each takes some 100 bytes of memory. */
const MAX_OBJECTS = 200_000;
/** Unpacking may take as much work as that many times the largest source: a repository is larger than the folder that is read of it. */
const WORK_FACTOR = 8;
/** Tags of tags. */
const MAX_TAGS = 5;

export interface GitRequest {
  source: NonNullable<FunctionSource["git"]>;
  repository: Repository;
  limits: SourceLimits;
  /** Path of the file where the source's path names a single one. */
  fileName: (name: string) => string;
  signal: AbortSignal;
}

/** Reads a folder of a commit into a tree. Answers the commit. */
export async function readGit(request: GitRequest, tree: TreeWriter): Promise<string> {
  const { source, repository, limits, signal } = request;
  checkRef(source.ref);
  const path = folderPath(source.path);
  const offered = await repository.advertisement();
  const oid = objectOf(source.ref, offered);
  const file = join(tree.root, "objects.pack");
  const tooLarge = () =>
    tree.error(
      `the commit is larger than ${readableBytes(limits.archiveBytes)} as git sends it`,
      "SourceTooLarge",
    );
  await repository.fetch(oid, offered.capabilities, file, { bytes: limits.archiveBytes, error: tooLarge });
  try {
    const most = { objects: MAX_OBJECTS, inflatedBytes: limits.unpackedBytes * WORK_FACTOR };
    const pack = await Pack.open(file, most, signal);
    try {
      const commit = await commitOf(oid, pack);
      await new Checkout(pack, tree, request).write(treeOf(await pack.read(commit)), path);
      return commit;
    } finally {
      await pack.close();
      await rm(file);
    }
  } catch (error) {
    if (error instanceof PackTooLarge) throw tree.error(error.message, "SourceTooLarge");
    if (error instanceof ObjectError) throw tree.error(error.message);
    if (isDamage(error))
      throw new InfrastructureError("SourceUnreachable", `the git server's answer: ${error.message}`);
    throw error;
  }
}

const FIELD = "spec.source.git.path";

/** The path of a folder in the repository; "" for all of it. */
function folderPath(path: string | undefined): string {
  const plain = (path ?? "").replace(/^(?:\.?\/+)+/, "");
  return plain === "" || plain === "." ? "" : sourcePath(plain, FIELD);
}

/** The commit that an object is, or is a tag of. */
async function commitOf(oid: string, pack: Pack): Promise<string> {
  let name = oid;
  for (let tag = 0; tag <= MAX_TAGS; tag++) {
    const found = pack.find(name);
    if (found?.type === "commit") return name;
    if (found?.type !== "tag") break;
    name = taggedBy(await pack.read(name));
  }
  throw new UserError("SourceInvalid", "the ref doesn't lead to a commit", "spec.source.git.ref");
}

/** Lays a commit's files out. */
class Checkout {
  constructor(
    private readonly pack: Pack,
    private readonly tree: TreeWriter,
    private readonly request: Pick<GitRequest, "fileName" | "signal">,
  ) {}

  /** @param path The folder, or file, of the commit's tree that is wanted. */
  async write(root: string, path: string): Promise<void> {
    let entry: TreeEntry = { name: "", kind: "folder", oid: root };
    for (const part of path === "" ? [] : path.split("/")) {
      const inside: TreeEntry[] = entry.kind === "folder" ? await this.entries(entry.oid) : [];
      const found = inside.find(({ name }) => name.normalize("NFC") === part);
      if (found === undefined)
        throw new UserError(
          "SourceNotFound",
          `the commit has no ${shown(path)}: nothing is named ${shown(part)}`,
          FIELD,
        );
      entry = found;
    }
    if (entry.kind === "folder") await this.folder(entry.oid, "");
    else await this.entry(entry, this.request.fileName(baseName(path)));
  }

  private async folder(oid: string, path: string): Promise<void> {
    for (const entry of await this.entries(oid)) await this.entry(entry, path + entry.name);
  }

  private async entry({ kind, oid }: TreeEntry, path: string): Promise<void> {
    this.request.signal.throwIfAborted();
    switch (kind) {
      case "folder":
        this.tree.folder(path);
        await this.folder(oid, `${path}/`);
        return;
      case "link":
        if (this.blob(oid, path).size > MAX_LINK_BYTES)
          throw this.tree.error(`the link ${shown(path)} has a target longer than ${MAX_LINK_BYTES} bytes`);
        this.tree.link(path, (await this.pack.read(oid)).toString());
        return;
      case "submodule":
        throw this.tree.error(
          `${shown(path)} is a submodule, which is not fetched; put its files into the repository`,
        );
      case "file":
      case "executable": {
        const { size } = this.blob(oid, path);
        await this.tree.file(path, { executable: kind === "executable", size }, this.pack.stream(oid));
      }
    }
  }

  private async entries(oid: string): Promise<TreeEntry[]> {
    if (this.pack.find(oid)?.type !== "tree") throw this.missing("a folder");
    return treeEntries(await this.pack.read(oid));
  }

  private blob(oid: string, path: string): { size: number } {
    const found = this.pack.find(oid);
    if (found?.type !== "blob") throw this.missing(shown(path));
    return found;
  }

  private missing(what: string): UserError {
    return this.tree.error(
      `the git server didn't send ${what}, or as a difference of more than ${readableBytes(IN_MEMORY_BYTES)}`,
    );
  }
}
