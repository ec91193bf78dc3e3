import { runtimeFile } from "../../runtimes/files";
import { type GoModule, mergeGoMod, mergeGoSum } from "../dependencies/goMod";
import type { GoEntry } from "../dependencies/goPackage";
import { indexVariables } from "../packageIndexes";
import { CODE_FOLDER, PLATFORM_FOLDER } from "./ignore";
import { environment, instructions, NOBODY, run, type Template, type TemplateInput } from "./template";

export interface GoTemplateInput extends TemplateInput {
  module: GoModule;
  entry: GoEntry;
}

/** Folder in the function's module for what is added to it. Modules' own folders aren't called so. */
const ADDED = "zz_knative_lambda";
/** Flags that change compiled packages are the same in each command, or nothing that one compiled would serve the next. */
const BUILD = 'go build -trimpath -ldflags="-s -w"';

/**
 * Two stages: a static program is compiled, then it alone is served. Dependencies are compiled before the code is there, so that new
 * code compiles only itself.
 */
export function goTemplate({ handler, bases, indexes, module, entry }: GoTemplateInput): Template {
  const adapted = entry.kind !== "program";
  const goMod = adapted ? mergeGoMod(module.text, runtimeFile("go", "go.mod")) : module.text;
  const goSum = adapted ? mergeGoSum(module.sums, runtimeFile("go", "go.sum")) : module.sums;
  const separate = module.own && module.lockfile.kind !== "none" && !module.needsSource;
  // The function's own go.mod and go.sum stay as they are: Go reads those of the platform's folder in their place.
  const go = `${indexVariables("go", indexes)}CGO_ENABLED=0 GOFLAGS=-mod=mod`;
  const modfile = `-modfile=/${PLATFORM_FOLDER}/module/go.mod`;
  const folder = handler.file === "." ? "" : `/${handler.file}`;
  const program = entry.kind === "program" || entry.package === "main" ? `.${folder}` : `./${ADDED}/program`;
  const mainFile =
    entry.kind === "program" || entry.package === "main" ? `/src${folder}` : `/src/${ADDED}/program`;
  return {
    dockerfile: instructions([
      `FROM ${bases.build} AS build`,
      adapted ? `COPY ${PLATFORM_FOLDER}/adapter/ /${PLATFORM_FOLDER}/adapter/` : undefined,
      adapted ? run([`cd /${PLATFORM_FOLDER}/adapter`, `${go} ${BUILD} ./...`]) : undefined,
      `COPY ${PLATFORM_FOLDER}/module/ /${PLATFORM_FOLDER}/module/`,
      separate
        ? run([
            "mkdir -p /src",
            // Go takes the module's folder from a file of this name, and its contents from the other.
            `cp /${PLATFORM_FOLDER}/module/go.mod /src/go.mod`,
            "cd /src",
            `${go} go mod download ${modfile}`,
          ])
        : undefined,
      `COPY ${CODE_FOLDER}/ /src/`,
      run([
        "cd /src",
        module.own ? undefined : `cp /${PLATFORM_FOLDER}/module/go.mod go.mod`,
        adapted ? `mkdir -p ${ADDED}/adapter ${mainFile}` : undefined,
        adapted ? `cp /${PLATFORM_FOLDER}/adapter/serve.go ${ADDED}/adapter/` : undefined,
        adapted ? `cp /${PLATFORM_FOLDER}/module/main.go.txt ${mainFile}/${ADDED}_main.go` : undefined,
        `${go} ${BUILD} ${modfile} -o /out/function ${program}`,
      ]),
      "",
      `FROM ${bases.runtime}`,
      "COPY --from=build /out/function /function",
      environment({
        HOME: "/tmp",
        // A program without it serves each function under a path of its own.
        ...(entry.kind === "registered" || (entry.kind === "program" && handler.given)
          ? { FUNCTION_TARGET: handler.target }
          : {}),
      }),
      `USER ${NOBODY}`,
      'CMD ["/function"]',
    ]),
    ignore: { language: [ADDED], needed: module.own ? ["go.mod"] : [] },
    platformFiles: {
      ...(adapted
        ? {
            "adapter/go.mod": runtimeFile("go", "go.mod"),
            "adapter/go.sum": runtimeFile("go", "go.sum"),
            "adapter/serve.go": runtimeFile("go", "serve.go"),
            "module/main.go.txt": mainProgram(
              entry,
              `${module.path}/${ADDED}/adapter`,
              `${module.path}${folder}`,
            ),
          }
        : {}),
      "module/go.mod": goMod,
      "module/go.sum": goSum,
    },
  };
}

/** The `main` that a function lacks. Names in it are checked or ours; the imports' own names are such as nobody declares. */
function mainProgram(entry: Exclude<GoEntry, { kind: "program" }>, adapter: string, own: string): string {
  const inside = entry.package === "main";
  const imports = [
    `knativeLambdaAdapter "${adapter}"`,
    ...(inside ? [] : [`${entry.kind === "function" ? "knativeLambdaFunction" : "_"} "${own}"`]),
  ];
  const call =
    entry.kind === "function"
      ? `Serve(${inside ? "" : "knativeLambdaFunction."}${entry.function})`
      : "ServeRegistered()";
  return [
    "package main",
    "",
    "import (",
    ...imports.map((line) => `\t${line}`),
    ")",
    "",
    `func main() { knativeLambdaAdapter.${call} }`,
    "",
  ].join("\n");
}
