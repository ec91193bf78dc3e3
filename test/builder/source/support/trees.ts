import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SourceLimits } from "../../../../builder/source/limits";
import { type Bytes } from "../../../../builder/source/streams";
import { TreeWriter } from "../../../../builder/source/treeWriter";
import { type SourceTree, UserError } from "../../../../builder/types";

export const LIMITS: SourceLimits = {
  archiveBytes: 1_000_000,
  unpackedBytes: 1_000_000,
  files: 100,
  seconds: 10,
};

/** A folder of the suite that calls it, removed after it. */
export function workFolder(): () => string {
  let folder = "";
  before(async () => (folder = await mkdtemp(join(tmpdir(), "builder-source-"))));
  after(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}

export const newTree = (folder: string, limits: Partial<SourceLimits> = {}): Promise<TreeWriter> =>
  TreeWriter.create({ workFolder: folder, limits: { ...LIMITS, ...limits }, field: "spec.source.s3.key" });

/** Data as a network brings it: in pieces of odd sizes. */
export async function* pieces(data: string | Uint8Array, size = 700): Bytes & AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(data as string);
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

/** Contents by path, with a "*" after the path of an executable. */
export async function contentsOf(tree: SourceTree): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const { path, executable } of tree.files)
    contents[path + (executable ? "*" : "")] = await readFile(join(tree.folder, path), "utf8");
  return contents;
}

/** For `assert.rejects`: the user's error, about the source's field, with that message. */
export const userError =
  (message: RegExp, reason = "SourceInvalid", field: string | undefined = "spec.source.s3.key") =>
  (error: unknown): boolean => {
    if (!(error instanceof UserError)) throw error as Error;
    if (error.reason !== reason) throw new Error(`the reason is ${error.reason}: ${error.message}`);
    if (error.field !== field) throw new Error(`the field is ${error.field ?? "none"}: ${error.message}`);
    if (!message.test(error.message)) throw new Error(`the message is: ${error.message}`);
    return true;
  };

/** Every path below a folder. */
export const everythingIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true })).sort();
