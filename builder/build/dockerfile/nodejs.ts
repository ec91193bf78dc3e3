import { runtimeFile } from "../../runtimes/files";
import type { NodePackages } from "../dependencies/packageJson";
import { indexVariables } from "../packageIndexes";
import { CODE_FOLDER, PLATFORM_FOLDER } from "./ignore";
import { environment, instructions, NOBODY, run, type Template, type TemplateInput } from "./template";

export interface NodejsTemplateInput extends TemplateInput {
  packages: NodePackages;
}

/** npm's own cache, where images have it by default; a layer of the build has no use for it. */
const DROP_CACHE = "rm -rf /root/.npm";

/**
 * Two stages: what is installed, and what is served. The framework lies one folder above the code, where Node.js looks after the
 * function's own packages, in a layer that all functions share.
 */
export function nodejsTemplate({ handler, bases, indexes, packages }: NodejsTemplateInput): Template {
  const { any, needsSource, manifests, lockfile } = packages;
  const npm = `${indexVariables("npm", indexes)}npm`;
  const install = run([
    "cd /function/code",
    `${npm} ${lockfile.kind === "locked" ? "ci" : "install --no-package-lock"} --omit=dev --no-audit --no-fund --no-update-notifier`,
    "mkdir -p node_modules",
    DROP_CACHE,
  ]);
  return {
    dockerfile: instructions([
      `FROM ${bases.build} AS build`,
      `COPY ${PLATFORM_FOLDER}/ /${PLATFORM_FOLDER}/`,
      run([
        `cd /${PLATFORM_FOLDER}`,
        `${npm} ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier`,
        // Types and source maps are half of it.
        String.raw`find node_modules -type f \( -name "*.d.ts" -o -name "*.map" \) -delete`,
        DROP_CACHE,
      ]),
      any
        ? needsSource
          ? `COPY ${CODE_FOLDER}/ /function/code/`
          : `COPY ${manifests.map((name) => `${CODE_FOLDER}/${name}`).join(" ")} /function/code/`
        : undefined,
      any ? install : undefined,
      "",
      `FROM ${bases.runtime}`,
      `COPY --from=build /${PLATFORM_FOLDER} /function`,
      any && !needsSource
        ? "COPY --from=build /function/code/node_modules /function/code/node_modules"
        : undefined,
      any && needsSource
        ? "COPY --from=build /function/code /function/code"
        : `COPY ${CODE_FOLDER}/ /function/code/`,
      environment({
        NODE_ENV: "production",
        HOME: "/tmp",
        FUNCTION_TARGET: handler.target,
        HANDLER_FILE: handler.file,
      }),
      `USER ${NOBODY}`,
      'CMD ["node", "/function/start.cjs"]',
    ]),
    ignore: {
      // What is installed replaces what came along. A source that brings its packages, and no package.json, keeps them.
      language: any ? ["node_modules"] : [],
      needed: any ? manifests : [],
    },
    platformFiles: {
      "package.json": runtimeFile("nodejs", "package.json"),
      "package-lock.json": runtimeFile("nodejs", "package-lock.json"),
      "start.cjs": runtimeFile("nodejs", "start.cjs"),
    },
  };
}
