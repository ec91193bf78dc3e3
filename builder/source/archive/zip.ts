import { type Entry, openPromise } from "yauzl";
import { InfrastructureError, UserError } from "../../types";
import { MAX_LINK_BYTES, shown } from "../sourcePath";
import { type Bytes, held } from "../streams";
import { type TreeWriter } from "../treeWriter";

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;
const UNIX = 3;
const MACOS = 19;

/** The mode by which Unix made the entry; 0 where another system did. */
function modeOf({ versionMadeBy, externalFileAttributes }: Entry): number {
  const system = versionMadeBy >>> 8;
  return system === UNIX || system === MACOS ? externalFileAttributes >>> 16 : 0;
}

/** Unpacks a zip archive, which lies on disk as its index is at its end, into a tree. */
export async function readZip(file: string, tree: TreeWriter, signal: AbortSignal): Promise<void> {
  try {
    // Not strict about names: what Windows writes with backslashes is taken with slashes.
    const zip = await openPromise(file, { strictFileNames: false });
    try {
      for await (const entry of zip.eachEntry()) {
        signal.throwIfAborted();
        await readEntry(entry, tree, async () => held(await zip.openReadStreamPromise(entry)) as Bytes);
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UserError || error instanceof InfrastructureError) throw error;
    throw tree.error(`the zip archive can't be read: ${(error as Error).message}`);
  }
}

async function readEntry(entry: Entry, tree: TreeWriter, contents: () => Promise<Bytes>): Promise<void> {
  const name = entry.fileName;
  const mode = modeOf(entry);
  const kind = mode & S_IFMT;
  if (name.endsWith("/") || kind === S_IFDIR) {
    tree.folder(name);
    return;
  }
  if (entry.isEncrypted()) throw tree.error(`${shown(name)} is encrypted`);
  if (kind === S_IFLNK) {
    tree.link(name, await text(entry, tree, contents));
    return;
  }
  if (kind !== 0 && kind !== S_IFREG) throw tree.error(`${shown(name)} is not a regular file`);
  if ((mode & 0o6000) !== 0) throw tree.error(`${shown(name)} is setuid or setgid`);
  await tree.file(name, { executable: (mode & 0o111) !== 0, size: entry.uncompressedSize }, await contents());
}

async function text(entry: Entry, tree: TreeWriter, contents: () => Promise<Bytes>): Promise<string> {
  if (entry.uncompressedSize > MAX_LINK_BYTES)
    throw tree.error(`the link ${shown(entry.fileName)} has a target longer than ${MAX_LINK_BYTES} bytes`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await contents()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
