import { UserError } from "../../types";

/** How a Go package says what answers its events. */
export type GoEntry =
  /** It has a `main` of its own, which is the program. */
  | { kind: "program" }
  /** It has the handler's function, of whatever signature: the adapter tells them apart. */
  | { kind: "function"; package: string; function: string }
  /** It registers a function with the framework, by the handler's name. */
  | { kind: "registered"; package: string };

const PACKAGE = /^[ \t]*package[ \t]+([A-Za-z_]\w*)/m;
/** Programs that are kept beside a package and never built with it. */
const IGNORED = /^\/\/go:build[ \t]+ignore[ \t]*$/m;
const REGISTERS = /"github\.com\/GoogleCloudPlatform\/functions-framework-go\/functions"/;

/**
 * Finds what a package's files offer to a handler of this name.
 * @param files the package's files, by path
 */
export function readGoPackage(files: ReadonlyMap<string, string>, target: string): GoEntry {
  const code = [...files.values()].filter((text) => !IGNORED.test(text)).map(withoutComments);
  const names = new Set(code.map((text) => PACKAGE.exec(text)?.[1] ?? ""));
  const [name = "", another] = [...names];
  if (another !== undefined || name === "")
    throw new UserError(
      "GoPackageInvalid",
      `the .go files of one folder belong to one package; here they say ${[...names].map((each) => each || "none").join(", ")}`,
      "spec.source",
    );
  const declares = (function_: string): boolean =>
    code.some((text) =>
      new RegExp(`^(?:func[ \\t]+${function_}[ \\t]*\\(|var[ \\t]+${function_}\\b)`, "m").test(text),
    );
  if (name === "main" && declares("main")) return { kind: "program" };

  // Only names with a capital are to be had outside of their package.
  const exported = target.charAt(0).toUpperCase() + target.slice(1);
  const found = [exported, ...(name === "main" ? [target] : [])].find(declares);
  if (found !== undefined) return { kind: "function", package: name, function: found };
  if (code.some((text) => REGISTERS.test(text))) return { kind: "registered", package: name };
  throw new UserError(
    "HandlerMissing",
    `package ${name} has no func ${exported}, which the handler names, and registers none with the Functions Framework; write it as in func ${exported}(data map[string]any) (any, error)`,
    "spec.runtime.handler",
  );
}

/** Code with its comments and raw texts blanked, so that what they say is not taken for code. Interpreted texts stay: imports are some. */
function withoutComments(text: string): string {
  return text.replace(
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (match) => (/^["']/.test(match) ? match : match.replace(/[^\n]/g, " ")),
  );
}
