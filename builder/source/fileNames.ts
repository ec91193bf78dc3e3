import { type FunctionSpec, type Language } from "../../contract/function/spec";

/** The file that a function's code is in, by language, where its author gave it no name. */
export const MAIN_FILES: Readonly<Record<Language, string>> = {
  nodejs: "index.js",
  python: "main.py",
  go: "main.go",
};

/** The file of a language's dependencies. */
export const DEPENDENCY_FILES: Readonly<Record<Language, string>> = {
  nodejs: "package.json",
  python: "requirements.txt",
  go: "go.mod",
};

const EXTENSIONS: Readonly<Record<Language, readonly string[]>> = {
  nodejs: [".js", ".mjs", ".cjs"],
  python: [".py"],
  go: [".go"],
};

/**
 * The name of a source's only file. An object's name says little (`parsers/0307ea43.py`), so the file gets the language's usual one, unless
 * the handler names it as it is called.
 */
export function singleFileName(
  name: string,
  { language, handler }: Pick<FunctionSpec["runtime"], "language" | "handler">,
): string {
  const extension = EXTENSIONS[language].find((end) => name.endsWith(end));
  const module = handler.slice(0, handler.lastIndexOf("."));
  return extension !== undefined && module !== "" && name.slice(0, -extension.length) === module
    ? name
    : MAIN_FILES[language];
}
