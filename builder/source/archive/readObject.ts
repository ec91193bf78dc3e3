import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { mostTarBytes, readableBytes, type SourceLimits } from "../limits";
import { shown } from "../sourcePath";
import { type Bytes, gunzip, limited, peek } from "../streams";
import { type TreeWriter } from "../treeWriter";
import { HEAD_BYTES, isTar, kindOf, namedAsArchive } from "./kind";
import { readTar } from "./tar";
import { readZip } from "./zip";

export interface SourceObject {
  /** Name by which messages call it. */
  name: string;
  contents: Bytes;
  /** Path of the file where the object is a single file and no archive. */
  filePath: string;
}

/** Reads an object, which is an archive or a single file, into a tree. */
export async function readObject(
  object: SourceObject,
  tree: TreeWriter,
  limits: Pick<SourceLimits, "archiveBytes" | "unpackedBytes" | "files">,
  signal: AbortSignal,
): Promise<void> {
  const { name, filePath } = object;
  const tooLarge = () =>
    tree.error(`${shown(name)} is larger than ${readableBytes(limits.archiveBytes)}`, "SourceTooLarge");
  const { head, whole } = await peek(limited(object.contents, limits.archiveBytes, tooLarge), HEAD_BYTES);
  const found = kindOf(head);
  switch (found.kind) {
    case "gzip":
      await readTarGz(name, whole, tree, mostTarBytes(limits));
      return;
    case "tar":
      await readTar(whole, tree);
      return;
    case "zip": {
      // Beside the tree, which it never becomes a part of.
      const file = join(tree.root, "archive.zip");
      await pipeline(whole, createWriteStream(file, { flags: "wx" }), { signal });
      await readZip(file, tree, signal);
      await rm(file);
      return;
    }
    case "refused":
      throw tree.error(`${shown(name)} is compressed by ${found.what}; make it a .tar.gz or a .zip`);
    case "file":
      if (namedAsArchive(name)) throw tree.error(`${shown(name)} is not the archive that its name says`);
      await tree.file(filePath, { executable: false }, whole);
  }
}

async function readTarGz(name: string, stream: Bytes, tree: TreeWriter, most: number): Promise<void> {
  const bomb = () =>
    tree.error(`${shown(name)} grows more when unpacked than source code does`, "SourceTooLarge");
  try {
    const { head, whole } = await peek(gunzip(stream, bomb), HEAD_BYTES);
    if (!isTar(head)) throw tree.error(`${shown(name)} is gzip, but not of a tar archive`);
    const tooLarge = () =>
      tree.error(`${shown(name)} is larger than ${readableBytes(most)} once unpacked`, "SourceTooLarge");
    await readTar(limited(whole, most, tooLarge), tree);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // zlib's own: Z_DATA_ERROR, Z_BUF_ERROR and their like.
    throw code?.startsWith("Z_") === true ? tree.error(`${shown(name)} is damaged: ${message}`) : error;
  }
}
