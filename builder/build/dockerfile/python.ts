import { runtimeFile } from "../../runtimes/files";
import type { Requirements } from "../dependencies/requirements";
import { indexVariables } from "../packageIndexes";
import { CODE_FOLDER, PLATFORM_FOLDER } from "./ignore";
import { environment, instructions, NOBODY, run, type Template, type TemplateInput } from "./template";

/** The framework that serves a function which doesn't ask for one of its own version. */
const FRAMEWORK = "functions-framework==3.10.2";

/**
 * Source code of Python, in bytes, from which on it is compiled in an instruction of its own. It costs the build a walk over all files
 * and gains a cold start 9 ms per 64 KiB (7.2 MiB of source are compiled per second of CPU), so that smaller functions are better off
 * without. What a function installs is always compiled.
 */
export const COMPILE_FROM_BYTES = 256 * 1024;

/** Compiles without the files' times in it, so that equal sources are equal layers; and nothing is looked up at a start. A file that is no Python is no error. */
const compile = (folders: string): string =>
  `{ python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash ${folders} || true; }`;

export interface PythonTemplateInput extends TemplateInput {
  requirements: Requirements;
  /** Bytes of `.py` files in the source. */
  sourceBytes: number;
}

/** Two stages: what is installed, in a virtual environment; and what is served. */
export function pythonTemplate({
  handler,
  bases,
  indexes,
  requirements,
  sourceBytes,
}: PythonTemplateInput): Template {
  const { text, constraints, needsSource, hashes, names } = requirements;
  const own = names.has("functions-framework");
  const pip = `${indexVariables("pip", indexes)}pip --python /venv/bin/python install --no-cache-dir --no-compile --disable-pip-version-check`;
  const requirementsFile = needsSource ? "requirements.txt" : `/${PLATFORM_FOLDER}/requirements.txt`;
  const asked =
    needsSource || text !== undefined
      ? ` -r ${requirementsFile}${constraints !== undefined && !needsSource ? ` -c /${PLATFORM_FOLDER}/constraints.txt` : ""}`
      : "";
  return {
    dockerfile: instructions([
      `FROM ${bases.build} AS build`,
      `COPY ${PLATFORM_FOLDER}/ /${PLATFORM_FOLDER}/`,
      needsSource ? `COPY ${CODE_FOLDER}/ /function/` : undefined,
      run([
        "python3 -m venv --without-pip /venv",
        needsSource ? "cd /function" : undefined,
        // With hashes pip wants one of everything, and the framework has none: it comes after, without touching what is there.
        ...(hashes && !own
          ? [
              `${pip}${asked}`,
              "pip --python /venv/bin/python freeze --exclude-editable >/tmp/installed.txt",
              `${pip} -c /tmp/installed.txt ${FRAMEWORK}`,
            ]
          : [`${pip}${own ? "" : ` ${FRAMEWORK}`}${asked}`]),
        compile(`/venv /${PLATFORM_FOLDER}`),
      ]),
      "",
      `FROM ${bases.runtime}`,
      `COPY --from=build /venv /venv`,
      `COPY --from=build /${PLATFORM_FOLDER} /${PLATFORM_FOLDER}`,
      needsSource ? "COPY --from=build /function /function" : `COPY ${CODE_FOLDER}/ /function/`,
      sourceBytes >= COMPILE_FROM_BYTES ? run([compile("/function")]) : undefined,
      environment({
        PATH: "/venv/bin:$PATH",
        HOME: "/tmp",
        PYTHONUNBUFFERED: "1",
        PYTHONDONTWRITEBYTECODE: "1",
        FUNCTION_SOURCE: `/${PLATFORM_FOLDER}/knative_lambda_adapter.py`,
        FUNCTION_TARGET: handler.target,
        HANDLER_MODULE: handler.module,
      }),
      `USER ${NOBODY}`,
      'CMD ["/venv/bin/functions-framework"]',
    ]),
    ignore: {
      language: ["**/__pycache__", "**/*.pyc", ".venv", "**/.pytest_cache", "**/.mypy_cache"],
      needed: needsSource ? ["requirements.txt"] : [],
    },
    platformFiles: {
      "knative_lambda_adapter.py": runtimeFile("python", "knative_lambda_adapter.py"),
      ...(text !== undefined && !needsSource ? { "requirements.txt": text } : {}),
      ...(constraints !== undefined && !needsSource ? { "constraints.txt": constraints } : {}),
    },
  };
}
