import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack, type Pack } from "tar-stream";
import { InfrastructureError, type SourceFile, type SourceTree } from "../types";
import { sourcePath } from "./sourcePath";
import { byPath, treeHash } from "./treeHash";

/** Files that a build adds to a source: its Dockerfile, the adapter. By path; they go before a source's file of that path. */
export type ExtraFiles = Readonly<Record<string, string | Uint8Array>>;

/** A file of a context: from the source's folder, or given. */
interface ContextFile extends SourceFile {
  contents?: Uint8Array;
  /** Path below the source's folder, where the context has another for it. */
  from?: string;
}

/** What Kaniko builds: a source and what the builder adds to it. */
export interface BuildContext {
  /** Of paths, executable bits and contents, as a source's. */
  hash: string;
  files: readonly ContextFile[];
  folder: string;
}

/** A context as one file on disk. */
export interface ContextArchive {
  file: string;
  /** In bytes. */
  size: number;
  /** Removes the file. May be called again. */
  dispose(): Promise<void>;
}

/**
 * Joins a source with what a build adds to it.
 * @param sourceFolder folder of the context in which the source lies; "" for the top
 */
export function buildContext(
  tree: Pick<SourceTree, "folder" | "files">,
  extraFiles: ExtraFiles,
  sourceFolder = "",
): BuildContext {
  const files = new Map<string, ContextFile>(
    tree.files.map((file) => {
      if (sourceFolder === "") return [file.path, file];
      const path = sourcePath(`${sourceFolder}/${file.path}`);
      return [path, { ...file, path, from: file.path }];
    }),
  );
  for (const [name, text] of Object.entries(extraFiles)) {
    const path = sourcePath(name);
    const contents = Buffer.from(text);
    const sha256 = createHash("sha256").update(contents).digest("hex");
    files.set(path, { path, size: contents.byteLength, executable: false, sha256, contents });
  }
  const sorted = [...files.values()].sort(byPath);
  return { hash: treeHash(sorted), files: sorted, folder: tree.folder };
}

/**
 * Every file's time: what is built of a file's contents then depends on nothing else. Not 1970: zip, and so Python's wheels, knows no time
 * before 1980.
 */
const TIME = new Date("2000-01-01T00:00:00Z");

/** It is written once and read once, within the cluster: time is worth more than size. */
const LEVEL = 3;

/** Writes a context as a .tar.gz: the same bytes for the same context, with the same version of zlib. */
export async function writeContext(
  context: BuildContext,
  workFolder: string,
  signal: AbortSignal,
): Promise<ContextArchive> {
  const folder = await mkdtemp(join(workFolder, "context-"));
  const dispose = () => rm(folder, { recursive: true, force: true });
  const file = join(folder, "context.tar.gz");
  try {
    const archive = pack();
    const adding = addFiles(archive, context).catch((error: unknown) => {
      archive.destroy(error as Error);
    });
    const zipped = createGzip({ level: LEVEL });
    await pipeline(archive as unknown as Readable, zipped, createWriteStream(file), { signal });
    await adding;
    return { file, size: (await stat(file)).size, dispose };
  } catch (cause) {
    await dispose();
    signal.throwIfAborted();
    throw new InfrastructureError(
      "ContextFailed",
      `the context can't be written: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

async function addFiles(archive: Pack, { files, folder }: BuildContext): Promise<void> {
  for (const { path, size, executable, contents, from = path } of files) {
    const header = { name: path, size, mode: executable ? 0o755 : 0o644, mtime: TIME, uid: 0, gid: 0 };
    if (contents !== undefined)
      await new Promise<void>((resolve, reject) => {
        archive.entry(header, contents, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    else await pipeline(createReadStream(join(folder, from)), archive.entry(header) as unknown as Writable);
  }
  archive.finalize();
}
