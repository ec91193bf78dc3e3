import { rm } from "node:fs/promises";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readInline } from "../../../../builder/source/inline";
import type { SourceRequest } from "../../../../builder/source/sourceFetcher";
import { TreeWriter } from "../../../../builder/source/treeWriter";
import type { SourceTree } from "../../../../builder/types";

/** Sources that a test plays: inline ones as they are, of others the code that the test gives. */
export class Sources {
  /** Functions, as `namespace/name`, in the order in which their sources were read. */
  readonly read: string[] = [];
  /** Code of sources that lie elsewhere, by function. */
  readonly elsewhere = new Map<string, string>();
  /** Stands before each read: throws, or takes its time. */
  before: (key: string) => Promise<void> | void = () => undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), "sources-"));

  async fetch({ key, source, runtime }: SourceRequest): Promise<SourceTree> {
    const name = `${key.namespace}/${key.name}`;
    this.read.push(name);
    await this.before(name);
    const code = this.elsewhere.get(name) ?? source.inline?.code ?? "";
    const dependencies = source.inline?.dependencies;
    const tree = await TreeWriter.create({
      workFolder: this.folder,
      limits: { unpackedBytes: 1024 ** 2, files: 10 },
      field: "spec.source",
    });
    await readInline({ code, dependencies }, runtime, tree);
    return tree.finish(undefined);
  }

  readsOf(key: string): number {
    return this.read.filter((name) => name === key).length;
  }

  dispose(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
