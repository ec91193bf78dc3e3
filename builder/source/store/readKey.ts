import { readObject } from "../archive/readObject";
import { readableBytes, type SourceLimits } from "../limits";
import { baseName, sourcePath } from "../sourcePath";
import { type Bytes } from "../streams";
import { type TreeWriter } from "../treeWriter";
import { type Bucket } from "./objectStore";
import { storeError, type StorePlace } from "./storeError";

/** Objects of a prefix that are read at once. */
const PARALLEL = 8;

export interface KeyRequest {
  bucket: Bucket;
  /** An archive, a single file, or a prefix that ends in "/". */
  key: string;
  place: StorePlace;
  limits: SourceLimits;
  /** Path of the file where the key is a single one, from the last part of the key. */
  fileName: (name: string) => string;
  signal: AbortSignal;
}

/** Reads what a key names into a tree. Answers what names its version, where one thing does. */
export function readKey(request: KeyRequest, tree: TreeWriter): Promise<string | undefined> {
  return request.key.endsWith("/") ? readPrefix(request, tree) : readOne(request, tree);
}

async function readOne(
  { bucket, key, place, limits, fileName, signal }: KeyRequest,
  tree: TreeWriter,
): Promise<string | undefined> {
  const name = baseName(key);
  const object = await bucket.get(key, signal).catch(translated(place));
  try {
    if (object.size !== undefined && object.size > limits.archiveBytes)
      throw tree.error(
        `${place.what} is larger than ${readableBytes(limits.archiveBytes)}`,
        "SourceTooLarge",
      );
    const contents = bodyOf(object.body, place);
    await readObject({ name, contents, filePath: fileName(name) }, tree, limits, signal);
    return object.revision;
  } finally {
    object.discard();
  }
}

async function readPrefix(request: KeyRequest, tree: TreeWriter): Promise<undefined> {
  const keys = await listed(request, tree);
  if (keys.length === 0) throw tree.error(`${request.place.what} holds no object`, "SourceNotFound");
  // The first failure ends the others: their folder is about to go.
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const next = keys.values();
  const read = async () => {
    for (const key of next) {
      const object = await request.bucket.get(key, signal).catch(translated(request.place));
      try {
        const facts = { executable: false, size: object.size };
        await tree.file(key.slice(request.key.length), facts, bodyOf(object.body, request.place));
      } finally {
        object.discard();
      }
    }
  };
  const readers = Array.from({ length: PARALLEL }, () =>
    read().catch((error: unknown) => {
      failed.abort(error);
    }),
  );
  await Promise.all(readers);
  failed.signal.throwIfAborted();
}

/** The keys of a prefix's files. Too many of them, or too large ones, are refused before one is read. */
async function listed(
  { bucket, key, place, limits, signal }: KeyRequest,
  tree: TreeWriter,
): Promise<string[]> {
  const keys: string[] = [];
  let bytes = 0;
  try {
    for await (const object of bucket.list(key, signal)) {
      // What consoles make to show a folder.
      if (object.key.endsWith("/")) continue;
      if (!object.key.startsWith(key))
        throw tree.error(`the store lists an object that is not below ${place.what}`);
      // Before it is asked for: a store may take "a/../b" for "b".
      sourcePath(object.key.slice(key.length), place.field);
      if (keys.push(object.key) > limits.files)
        throw tree.error(`${place.what} holds more than ${limits.files} objects`, "SourceTooLarge");
      if ((bytes += object.size) > limits.unpackedBytes)
        throw tree.error(
          `${place.what} is larger than ${readableBytes(limits.unpackedBytes)}`,
          "SourceTooLarge",
        );
    }
  } catch (error) {
    throw storeError(error, place);
  }
  return keys;
}

const translated =
  (place: StorePlace) =>
  (error: unknown): never => {
    throw storeError(error, place);
  };

async function* bodyOf(body: Bytes, place: StorePlace): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw storeError(error, place);
  }
}
