import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Language } from "../../contract/function/spec";

/** The files that serve a function beside its own code, by language: paths below this folder. */
const FILES = {
  python: ["knative_lambda_adapter.py"],
  nodejs: ["package.json", "package-lock.json", "start.cjs"],
  go: ["go.mod", "go.sum", "serve.go"],
} as const satisfies Record<Language, readonly string[]>;

/** The texts of these files by `language/name`. The bundler puts them in this name's place, as the bundle has no folder beside it. */
declare const RUNTIME_FILES: Readonly<Record<string, string>> | undefined;

/** Reads every file from this folder. For the bundler, and for the service run from its sources. */
export const readRuntimeFiles = (folder: string = __dirname): Record<string, string> =>
  Object.fromEntries(
    Object.entries(FILES).flatMap(([language, names]) =>
      names.map((name) => [`${language}/${name}`, readFileSync(join(folder, language, name), "utf8")]),
    ),
  );

let texts: Readonly<Record<string, string>> | undefined;

/** The text of one file. */
export function runtimeFile<L extends Language>(language: L, name: (typeof FILES)[L][number]): string {
  texts ??= typeof RUNTIME_FILES === "undefined" ? readRuntimeFiles() : RUNTIME_FILES;
  const text = texts[`${language}/${name}`];
  if (text === undefined) throw new Error(`${language}/${name} is missing among the runtime's files`);
  return text;
}
