import type { FunctionSpec, Language } from "../../contract/function/spec";
import { UserError, type SourceFile } from "../types";

/** What the API server writes into a spec that names no handler. */
export const DEFAULT_HANDLER = "index.handler";

/** Where a function's code begins. */
export interface Handler {
  /** File in the source; of a Go function its package's folder, "." for the top. */
  file: string;
  /** Module as the language imports it: `main`, `src.main`. Of a Node.js function its file without the extension. */
  module: string;
  /** Function in it. */
  target: string;
  /** Whether the spec says so, or the API server's default stands. */
  given: boolean;
}

/** File that a handler's module stands for, by language, best first. */
const EXTENSIONS = { python: [".py", "/__init__.py"], nodejs: [".js", ".mjs", ".cjs"] } as const;
/** Module that is meant where a spec names no handler. */
const DEFAULT_MODULE = { python: "main", nodejs: "index" } as const;

const FIELD = "spec.runtime.handler";
/** Nothing else gets into a Dockerfile from here: no space, quote, `$` or backslash. */
const SHAPE = /^(?:([A-Za-z0-9_](?:[A-Za-z0-9_./-]*[A-Za-z0-9_])?)\.)?([A-Za-z_][A-Za-z0-9_]{0,127})$/;

/**
 * Finds the file and function that a handler names in the source.
 * @throws UserError where the text is no handler, or the source has no such file
 */
export function resolveHandler(
  { language, handler }: Pick<FunctionSpec["runtime"], "language" | "handler">,
  files: readonly SourceFile[],
): Handler {
  const match = SHAPE.exec(handler);
  const [, named, target = ""] = match ?? [];
  if (!match || (named !== undefined && /(^|[./])\.|\/\/|\/$|[.]$/.test(named)))
    throw new UserError(
      "HandlerInvalid",
      `the handler is no module and function joined by a dot; write it as in ${example(language)}`,
      FIELD,
    );
  if (language === "go") return { ...goHandler(named, files), target, given: handler !== DEFAULT_HANDLER };

  const paths = new Set(files.map(({ path }) => path));
  const written = named ?? DEFAULT_MODULE[language];
  const module = language === "python" ? written.replaceAll(".", "/") : written;
  const candidates = (of: string): string[] => EXTENSIONS[language].map((extension) => of + extension);
  const fallback = handler === DEFAULT_HANDLER ? candidates(DEFAULT_MODULE[language]) : [];
  const file = [...candidates(module), ...fallback].find((path) => paths.has(path));
  if (file === undefined)
    throw new UserError(
      "HandlerMissing",
      `the source has no ${candidates(module).join(" or ")}, which the handler ${handler} names; rename the file or name another handler, as in ${example(language)}`,
      FIELD,
    );
  const withoutExtension = file.replace(/(\/__init__)?\.[a-z]+$/, "");
  return {
    file,
    module: language === "python" ? withoutExtension.replaceAll("/", ".") : withoutExtension,
    target,
    given: handler !== DEFAULT_HANDLER,
  };
}

/** Go's unit is the package: a folder. The module of the handler may name one; `main` and `index` are the top, as any name that is no folder. */
function goHandler(
  named: string | undefined,
  files: readonly SourceFile[],
): Pick<Handler, "file" | "module"> {
  const isPackage = (folder: string): boolean =>
    files.some(({ path }) => goFileIn(path, folder === "." ? "" : `${folder}/`));
  const folder = named !== undefined && named !== "." && isPackage(named) ? named : ".";
  if (!isPackage(folder))
    throw new UserError(
      "HandlerMissing",
      "the source has no .go file at its top; put main.go there, or name a folder in the handler, as in functions/hello.Handler",
      FIELD,
    );
  return { file: folder, module: folder };
}

/** Whether a file belongs to the package in a folder: Go takes no tests, and no file whose name begins with `_` or `.`. */
export const goFileIn = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) &&
  /^[^/_.][^/]*\.go$/.test(path.slice(prefix.length)) &&
  !path.endsWith("_test.go");

const example = (language: Language): string =>
  ({ python: "main.handler", nodejs: "index.handler", go: "main.Handler" })[language];
