import { gzipSync } from "node:zlib";
import { readObject } from "../../../../builder/source/archive/readObject";
import { type SourceLimits } from "../../../../builder/source/limits";
import { type SourceTree } from "../../../../builder/types";
import { tarOf, type TarEntry, zipOf, type ZipEntry } from "./archives";
import { LIMITS, newTree, pieces, workFolder } from "./trees";

/** Reads archives into trees, in a folder of the suite that calls it. */
export function archiveReader(): {
  folder: () => string;
  read: (contents: Buffer, name?: string, limits?: Partial<SourceLimits>) => Promise<SourceTree>;
  readTarGz: (...entries: TarEntry[]) => Promise<SourceTree>;
  readZip: (...entries: ZipEntry[]) => Promise<SourceTree>;
} {
  const folder = workFolder();
  const { signal } = new AbortController();

  async function read(
    contents: Buffer,
    name = "source.bin",
    limits: Partial<SourceLimits> = {},
  ): Promise<SourceTree> {
    const tree = await newTree(folder(), limits);
    try {
      await readObject(
        { name, filePath: "main.py", contents: pieces(contents) },
        tree,
        { ...LIMITS, ...limits },
        signal,
      );
      return await tree.finish();
    } catch (error) {
      await tree.discard();
      throw error;
    }
  }
  const readTarGz = async (...entries: TarEntry[]) =>
    read(gzipSync(await tarOf(...entries)), "source.tar.gz");
  const readZip = (...entries: ZipEntry[]) => read(zipOf(...entries), "source.zip");
  return { folder, read, readTarGz, readZip };
}
