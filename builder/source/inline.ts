import { type FunctionSpec } from "../../contract/function/spec";
import { type FunctionSource } from "../../contract/function/source";
import { DEPENDENCY_FILES, MAIN_FILES } from "./fileNames";
import { type Bytes } from "./streams";
import { type TreeWriter } from "./treeWriter";

async function* once(text: string): Bytes & AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

/** Writes code that is in the object itself. */
export async function readInline(
  { code, dependencies }: NonNullable<FunctionSource["inline"]>,
  { language }: Pick<FunctionSpec["runtime"], "language">,
  tree: TreeWriter,
): Promise<void> {
  if (code.trim() === "") throw tree.error("the code is empty", "SourceEmpty");
  await tree.file(MAIN_FILES[language], { executable: false }, once(code));
  if (dependencies !== undefined && dependencies.trim() !== "")
    await tree.file(DEPENDENCY_FILES[language], { executable: false }, once(dependencies));
}
