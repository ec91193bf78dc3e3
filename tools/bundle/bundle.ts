import { join, resolve } from "node:path";
import { build } from "esbuild";
import { readRuntimeFiles } from "../../builder/runtimes/files";

const PROJECT_FOLDER = join(__dirname, "..", "..");

/** Where the builder starts, and the one file that it becomes: paths from the project's folder. */
export const ENTRY = "builder/entry.ts";
export const BUNDLE = "dist/builder.cjs";

export interface Bundled {
  /** Absolute path of the bundle. */
  file: string;
  /** Its size. */
  bytes: number;
  /** The project's own files in it, and those of packages: paths below the project's folder, sorted. */
  inputs: string[];
}

export interface BundleOptions {
  /** Version of the templates that the builder says it has, with the templates of these sources: for tests of upgrades. @default its own */
  templateVersion?: number;
}

/**
 * Makes one file of the builder and all packages that it needs, for the Node.js of its image. The same sources and lockfile give the
 * same bytes, on any machine.
 * @throws Error where something can't be resolved, or would have to be looked for beside the bundle when it runs
 */
export async function bundle(
  entry = ENTRY,
  to = BUNDLE,
  { templateVersion }: BundleOptions = {},
): Promise<Bundled> {
  const { metafile, warnings } = await build({
    absWorkingDir: PROJECT_FOLDER,
    entryPoints: [entry],
    outfile: to,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    // Tried by `debug`, and there only beside packages for development: what runs is none of them.
    external: ["supports-color"],
    // Names stay, so that a stack trace can be read; what goes is what a start would have to read in vain.
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    legalComments: "none",
    // Files that lie beside the sources, and don't beside the bundle.
    define: {
      RUNTIME_FILES: JSON.stringify(readRuntimeFiles()),
      OTHER_TEMPLATE_VERSION: templateVersion === undefined ? "undefined" : String(templateVersion),
    },
    metafile: true,
    logLevel: "silent",
  });
  // A warning is a file that would be missed at run time, or code that means something else in a bundle.
  const [warning] = warnings;
  if (warning !== undefined)
    throw new Error(`${warning.location?.file ?? entry}:${warning.location?.line ?? 0}: ${warning.text}`);
  const [[, output] = []] = Object.entries(metafile.outputs);
  if (output === undefined) throw new Error(`${entry} gave no bundle`);
  return {
    file: resolve(PROJECT_FOLDER, to),
    bytes: output.bytes,
    // Texts that stand in a file's place are none.
    inputs: Object.keys(output.inputs)
      .filter((path) => !path.startsWith("<"))
      .sort(),
  };
}
