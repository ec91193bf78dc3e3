import { imageNames } from "../../contract/imageNames";
import type { Language } from "../../contract/function/spec";
import { type FunctionSpecInput } from "../../contract/parser";
import { UsageError } from "../../preview/usageError";
import { readImageReference, type Settings } from "../../settings";
import type { Asked } from "./asked";

/** Files by which a folder's language is known, best first. */
const SIGNS: readonly (readonly [string, Language])[] = [
  ["go.mod", "go"],
  ["main.go", "go"],
  ["main.py", "python"],
  ["requirements.txt", "python"],
  ["package.json", "nodejs"],
  ["index.js", "nodejs"],
];

export const languageOf = (files: readonly string[]): Language | undefined =>
  SIGNS.find(([file]) => files.includes(file))?.[1];

/**
 * What a function runs on that isn't there yet, as far as that can be told here.
 * @param uploaded paths of the uploaded folder
 * @returns undefined where nothing is said: the builder then takes a parser for Python's
 * @throws UsageError
 */
export function newRuntime(
  asked: Pick<Asked, "source" | "runtime" | "runtimeVersion" | "handler">,
  uploaded: readonly string[] | undefined,
  version: (language: Language) => string,
): FunctionSpecInput["runtime"] | undefined {
  const { source, runtime, runtimeVersion, handler } = asked;
  if ((runtime ?? runtimeVersion ?? handler ?? uploaded) === undefined) return undefined;
  const language = runtime ?? (uploaded === undefined ? "python" : languageOf(uploaded));
  if (language === undefined)
    throw new UsageError(
      `no telling what ${source ?? "the source"} is written in: it has none of ${SIGNS.map(([file]) => file).join(", ")}; say RUNTIME=python, nodejs or go`,
    );
  return {
    language,
    version: runtimeVersion ?? version(language),
    ...(handler === undefined ? {} : { handler }),
  };
}

/** The version of a language that a stack has a base image of. */
export function offeredVersion(
  { imageRepositories: { baseImages, functions, builder } }: Settings,
  language: Language,
): string {
  const names = imageNames({
    registry: "registry.invalid",
    functions,
    builder,
    baseImagePath: "",
    baseImages,
  });
  const reference = readImageReference(names.baseImages[language]);
  const tag = typeof reference === "string" ? undefined : reference.tag;
  const version = /^v?(\d+(?:\.\d+)*)/.exec(tag ?? "")?.[1];
  if (version === undefined)
    throw new UsageError(`the stack's image for ${language} tells no version; say RUNTIME_VERSION`);
  return version;
}
