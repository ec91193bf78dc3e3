import { createHash } from "node:crypto";
import { copyFile, constants, mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AuthorReason } from "../../contract/function/reasons";
import { InfrastructureError, type SourceFile, type SourceTree, UserError } from "../types";
import { readableBytes, type SourceLimits } from "./limits";
import { resolveLink } from "./links";
import { folderOf, shown, sourcePath } from "./sourcePath";
import { byPath, treeHash } from "./treeHash";

/** What a source says of one of its files. */
export interface FileFacts {
  executable: boolean;
  /** Size in bytes where it is known before the contents: what is too large is refused before it is read. */
  size?: number | undefined;
}

export interface TreeWriterOptions {
  /** Existing folder, on a disk with room for `limits.unpackedBytes`. */
  workFolder: string;
  limits: Pick<SourceLimits, "unpackedBytes" | "files">;
  /** Field of the object that errors name, as in `spec.source.git.url`. */
  field: string;
}

/**
 * The one way by which files of a source reach the disk. It checks every name and counts every byte, whichever source they come from. The
 * folder is new and holds no link ever, so no name can lead out of it.
 */
export class TreeWriter {
  /** Every path in use: one can't be a file and a folder. */
  private readonly taken = new Map<string, "file" | "folder">();
  private readonly files = new Map<string, SourceFile>();
  private readonly links = new Map<string, string>();
  private folders = 0;
  private namedFolders = 0;
  private bytes = 0;
  private discarded = false;

  private constructor(
    /** Folder of this fetch; the tree lies in it, and downloads may lie beside the tree. */
    readonly root: string,
    private readonly options: TreeWriterOptions,
  ) {}

  static async create(options: TreeWriterOptions): Promise<TreeWriter> {
    const root = await onDisk(() => mkdtemp(join(options.workFolder, "source-")));
    const writer = new TreeWriter(root, options);
    await onDisk(() => mkdir(writer.tree));
    return writer;
  }

  private get tree(): string {
    return join(this.root, "tree");
  }

  /** An error that is the user's to mend, naming the source's field. */
  error(message: string, reason: AuthorReason = "SourceInvalid"): UserError {
    return new UserError(reason, message, this.options.field);
  }

  /** Writes a file. Two calls may run at once. */
  async file(
    name: string,
    { executable, size }: FileFacts,
    contents: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const path = this.take(name);
    if (size !== undefined) this.checkBytes(this.bytes + size);
    await this.makeFolder(folderOf(path));
    const hash = createHash("sha256");
    let written = 0;
    const file = await onDisk(() => open(join(this.tree, path), "wx", executable ? 0o755 : 0o644));
    try {
      for await (const chunk of contents) {
        written += chunk.byteLength;
        this.checkBytes((this.bytes += chunk.byteLength));
        hash.update(chunk);
        await onDisk(() => file.writeFile(chunk));
      }
    } finally {
      await file.close();
    }
    this.files.set(path, { path, size: written, executable, sha256: hash.digest("hex") });
  }

  /**
   * Notes a folder. An empty one leaves no trace: a tree is its files. Each call counts: a source may name one folder, or its root, again and
   * again, and hold nothing else.
   */
  folder(name: string): void {
    // One more: the root, which most archives name.
    if (++this.namedFolders > this.options.limits.files + 1) throw this.tooManyFolders();
    // A tar of "." begins with "./", the root itself.
    if (/^\.?\/*$/.test(name)) return;
    const path = sourcePath(name, this.options.field);
    this.takeFolder(path);
  }

  /** Notes a symbolic link. It becomes a copy of the file that it points to, once all files are there. */
  link(name: string, target: string): void {
    this.links.set(this.take(name), target);
  }

  /** Ends the tree. @param revision What names this version where it came from. @default the tree's hash */
  async finish(revision?: string): Promise<SourceTree> {
    for (const path of [...this.links.keys()]) await this.copyLinked(path);
    const files = Object.freeze([...this.files.values()].sort(byPath));
    if (files.length === 0) throw this.error("the source holds no file", "SourceEmpty");
    const hash = treeHash(files);
    return { folder: this.tree, files, hash, revision: revision ?? hash, dispose: () => this.discard() };
  }

  /** Removes everything, and takes nothing more. May be called again. */
  discard(): Promise<void> {
    this.discarded = true;
    return rm(this.root, { recursive: true, force: true });
  }

  private async copyLinked(path: string): Promise<void> {
    const found = resolveLink(path, this.links, this.taken);
    if ("wrong" in found) throw this.error(`the link ${shown(path)} ${found.wrong}`);
    const file = this.files.get(found.path);
    if (file === undefined) throw new Error(`${path} leads to ${found.path}, which is no file`);
    this.checkBytes((this.bytes += file.size));
    await this.makeFolder(folderOf(path));
    await onDisk(() => copyFile(join(this.tree, file.path), join(this.tree, path), constants.COPYFILE_EXCL));
    this.files.set(path, { ...file, path });
  }

  /** Takes a name for a file or a link. */
  private take(name: string): string {
    if (this.discarded) throw new Error("the tree was discarded");
    const path = sourcePath(name, this.options.field);
    const taken = this.taken.get(path);
    if (taken !== undefined)
      throw this.error(
        taken === "file"
          ? `${shown(path)} is there twice (names are compared in Unicode's normalisation form C)`
          : `${shown(path)} is a file and a folder`,
      );
    this.takeFolder(folderOf(path));
    this.taken.set(path, "file");
    const count = this.taken.size - this.folders;
    if (count > this.options.limits.files)
      throw this.error(`the source has more than ${this.options.limits.files} files`, "SourceTooLarge");
    return path;
  }

  private takeFolder(path: string): void {
    for (let folder = path; folder !== ""; folder = folderOf(folder)) {
      const taken = this.taken.get(folder);
      if (taken === "folder") return;
      if (taken === "file") throw this.error(`${shown(folder)} is a file and a folder`);
      this.taken.set(folder, "folder");
      if (++this.folders > this.options.limits.files) throw this.tooManyFolders();
    }
  }

  private tooManyFolders(): UserError {
    return this.error(`the source has more than ${this.options.limits.files} folders`, "SourceTooLarge");
  }

  private async makeFolder(path: string): Promise<void> {
    if (path !== "") await onDisk(() => mkdir(join(this.tree, path), { recursive: true }));
  }

  private checkBytes(bytes: number): void {
    const { unpackedBytes } = this.options.limits;
    if (bytes > unpackedBytes)
      throw this.error(
        `the source is larger than ${readableBytes(unpackedBytes)} once unpacked`,
        "SourceTooLarge",
      );
  }
}

/** Whatever the disk refuses is not the user's fault. */
async function onDisk<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InfrastructureError(
      "WorkFolderFailed",
      `can't write to the work folder: ${code ?? "unknown"}`,
      {
        cause,
      },
    );
  }
}
