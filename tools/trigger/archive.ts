import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Header, pack, type Pack } from "tar-stream";
import { UsageError } from "../../preview/usageError";

/** Folders that are made from a source and are no part of it: the build makes its own. */
const LEFT_OUT = new Set([".git", "node_modules", "__pycache__", ".venv"]);

/** Every file's time, so that the same files are the same archive. Zip knows no time before 1980, and the builder's contexts take this one. */
const TIME = new Date("2000-01-01T00:00:00Z");

export interface Archive {
  bytes: Buffer;
  /** Paths in it, sorted. */
  files: string[];
}

/**
 * A folder as a .tar.gz, for the platform's bucket. Links go in as links: the builder decides on them.
 * @throws UsageError
 */
export async function archive(folder: string): Promise<Archive> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`SOURCE=${folder} is no folder`);
  const files = (await list(folder, "")).sort();
  if (files.length === 0) throw new UsageError(`SOURCE=${folder} has no files`);
  const chunks: Buffer[] = [];
  const tar = pack();
  const zipped = tar.pipe(createGzip());
  const adding = add(tar, folder, files).catch((error: unknown) => {
    zipped.destroy(error as Error);
  });
  for await (const chunk of zipped as AsyncIterable<Buffer>) chunks.push(chunk);
  await adding;
  return { bytes: Buffer.concat(chunks), files };
}

async function list(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const parts = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return LEFT_OUT.has(entry.name) ? [] : await list(folder, path);
      return entry.isFile() || entry.isSymbolicLink() ? [path] : [];
    }),
  );
  return parts.flat();
}

async function add(tar: Pack, folder: string, files: readonly string[]): Promise<void> {
  for (const name of files) {
    const path = join(folder, name);
    const found = await lstat(path);
    const header: Pick<Header, "name" | "mtime" | "uid" | "gid"> = { name, mtime: TIME, uid: 0, gid: 0 };
    if (found.isSymbolicLink()) tar.entry({ ...header, type: "symlink", linkname: await readlink(path) });
    else
      await pipeline(
        createReadStream(path),
        tar.entry({ ...header, size: found.size, mode: (found.mode & 0o100) === 0 ? 0o644 : 0o755 }),
      );
  }
  tar.finalize();
}
