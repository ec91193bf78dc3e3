import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Extract, extract } from "tar-stream";
import { sourcePath } from "../source/sourcePath";
import { treeHash } from "../source/treeHash";
import type { SourceFile } from "../types";

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;
type Unpacked = Pick<SourceFile, "path" | "executable" | "sha256">;

const EXECUTABLE = 0o111;

/**
 * Unpacks a context as it comes. It holds files and nothing else, and what was unpacked is held against the hash that the build's token
 * names: a context that was cut, or is another, is none.
 * @param expected Hash of the context's files, in hex
 */
export async function unpackContext(
  body: Readable,
  folder: string,
  expected: string,
  signal: AbortSignal,
): Promise<void> {
  const archive = extract();
  const feeding = pipeline(body, createGunzip(), archive as unknown as Writable, { signal });
  const files: Unpacked[] = [];
  const unpacking = (async () => {
    for await (const entry of archive) {
      files.push(await unpackFile(entry, folder));
      entry.resume();
    }
  })();
  // The first error is the cause, and ends the other.
  await Promise.all([feeding, unpacking]).catch(async (error: unknown) => {
    archive.destroy();
    await Promise.allSettled([feeding, unpacking]);
    throw error;
  });
  const hash = treeHash(files);
  if (hash !== expected) throw new Error(`the context's hash is ${hash}, and ${expected} was to come`);
}

async function unpackFile(entry: Entry, folder: string): Promise<Unpacked> {
  const { name, type, mode, mtime } = entry.header;
  if (type !== "file") throw new Error(`the context holds ${JSON.stringify(name)}, which is no file`);
  const path = sourcePath(name);
  const file = join(folder, path);
  const executable = (mode & EXECUTABLE) !== 0;
  await mkdir(dirname(file), { recursive: true });
  const contents = createHash("sha256");
  const target = await open(file, "wx", executable ? 0o755 : 0o644);
  try {
    for await (const chunk of entry as unknown as AsyncIterable<Buffer>) {
      contents.update(chunk);
      await target.writeFile(chunk);
    }
    // What an image has of a file is then the same, whenever it is built.
    await target.utimes(mtime, mtime);
  } finally {
    await target.close();
  }
  return { path, executable, sha256: contents.digest("hex") };
}
