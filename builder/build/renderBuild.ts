import type { FunctionSpec } from "../../contract/function/spec";
import type { SourceFile, SourceTree } from "../types";
import { type Bases, readVersion } from "./baseImage";
import type { Lockfile } from "./dependencies/dependencies";
import { readGoModule } from "./dependencies/goMod";
import { readGoPackage } from "./dependencies/goPackage";
import { type NodePackages, readNodePackages } from "./dependencies/packageJson";
import { readRequirements, type Requirements } from "./dependencies/requirements";
import { goTemplate } from "./dockerfile/go";
import { CODE_FOLDER, dockerignore, PLATFORM_FOLDER } from "./dockerfile/ignore";
import { cacheableInstructions, type CacheableInstruction } from "./dockerfile/instructions";
import { nodejsTemplate } from "./dockerfile/nodejs";
import { pythonTemplate } from "./dockerfile/python";
import type { Template } from "./dockerfile/template";
import { goFileIn, type Handler, resolveHandler } from "./handler";
import { hashOf } from "./hash";
import { hasOwnDockerfile, type Manifests, OWN_DOCKERFILE, readManifests } from "./manifests";
import type { PackageIndexes } from "./packageIndexes";
import { TEMPLATE_VERSION } from "./templateVersion";

/** What a source turns out to be, before it is known on which images it is built. */
export interface Source {
  hash: string;
  files: readonly SourceFile[];
  runtime: FunctionSpec["runtime"];
  manifests: Manifests;
  /** Undefined: the source has a Dockerfile of its own, which needs none. */
  handler: Handler | undefined;
}

/** How a source is built. */
export interface BuildPlan {
  dockerfile: string;
  /** Its path in the context. */
  dockerfilePath: string;
  /** Undefined where the source's own, if it has one, holds. */
  dockerignore: string | undefined;
  /** Folder of the context into which the source goes; "" for the top. */
  codeFolder: string;
  /** All files of the context beside the source, by path: these two, and what serves the function. */
  extraFiles: Readonly<Record<string, string>>;
  buildArgs: Readonly<Record<string, string>>;
  /** What the layer cache may serve. */
  cacheable: readonly CacheableInstruction[];
  lockfile: Lockfile;
  ownDockerfile: boolean;
  templateVersion: number;
}

/**
 * Reads a source as far as its build depends on it.
 * @throws UserError where it has no such handler, or a manifest that can't be read
 */
export async function readSource(tree: SourceTree, runtime: FunctionSpec["runtime"]): Promise<Source> {
  const handler = hasOwnDockerfile(tree) ? undefined : resolveHandler(runtime, tree.files);
  const manifests = await readManifests(tree, runtime.language, handler);
  return { hash: tree.hash, files: tree.files, runtime, manifests, handler };
}

/** Whether nothing that the function installs is compiled for glibc: it then runs on musl (Alpine) as well. */
export const isPortable = ({ runtime, manifests, hash, handler }: Source): boolean =>
  handler !== undefined &&
  {
    python: () => readRequirements(manifests, hash).lockfile.kind === "none",
    nodejs: () => readNodePackages(manifests, hash).portable,
    go: () => true,
  }[runtime.language]();

/**
 * @param bases by digest, as {@link chooseBases} chose them
 * @param templateVersion what the plan says that it was made by
 */
export function renderBuild(
  source: Source,
  bases: Bases,
  indexes: PackageIndexes,
  templateVersion = TEMPLATE_VERSION,
): BuildPlan {
  const { manifests, handler } = source;
  if (handler === undefined)
    return { ...ownBuild(manifests.get(OWN_DOCKERFILE) ?? "", source, bases), templateVersion };

  const { template, lockfile } = templateOf(source, handler, bases, indexes);
  const ignore = dockerignore({ ...template.ignore, own: manifests.get(".dockerignore") });
  const dockerfilePath = "Dockerfile";
  return {
    dockerfile: template.dockerfile,
    dockerfilePath,
    dockerignore: ignore,
    codeFolder: CODE_FOLDER,
    extraFiles: {
      [dockerfilePath]: template.dockerfile,
      [`${dockerfilePath}.dockerignore`]: ignore,
      ...Object.fromEntries(
        Object.entries(template.platformFiles).map(([path, text]) => [`${PLATFORM_FOLDER}/${path}`, text]),
      ),
    },
    buildArgs: {},
    cacheable: cacheableInstructions(template.dockerfile),
    lockfile,
    ownDockerfile: false,
    templateVersion,
  };
}

/** A Dockerfile of the user's own is used as it is. `BASE_IMAGE` and `RUNTIME_IMAGE` name the platform's images for the language. */
const ownBuild = (
  dockerfile: string,
  { hash }: Source,
  bases: Bases,
): Omit<BuildPlan, "templateVersion"> => ({
  dockerfile,
  dockerfilePath: OWN_DOCKERFILE,
  dockerignore: undefined,
  codeFolder: "",
  extraFiles: {},
  buildArgs: { BASE_IMAGE: bases.build, RUNTIME_IMAGE: bases.runtime },
  cacheable: cacheableInstructions(dockerfile),
  // What it installs, and what its FROM means tomorrow, nobody knows.
  lockfile: { kind: "ranges", hash: hashOf(["dockerfile", hash]) },
  ownDockerfile: true,
});

function templateOf(
  { runtime, manifests, files, hash }: Source,
  handler: Handler,
  bases: Bases,
  indexes: PackageIndexes,
): { template: Template; lockfile: Lockfile } {
  const input = { handler, bases, indexes };
  switch (runtime.language) {
    case "python": {
      const requirements: Requirements = readRequirements(manifests, hash);
      const sourceBytes = files.reduce(
        (total, { path, size }) => total + (path.endsWith(".py") ? size : 0),
        0,
      );
      return {
        template: pythonTemplate({ ...input, requirements, sourceBytes }),
        lockfile: requirements.lockfile,
      };
    }
    case "nodejs": {
      const packages: NodePackages = readNodePackages(manifests, hash);
      return { template: nodejsTemplate({ ...input, packages }), lockfile: packages.lockfile };
    }
    case "go": {
      const module = readGoModule(manifests, readVersion("go", runtime.version));
      const prefix = handler.file === "." ? "" : `${handler.file}/`;
      const entry = readGoPackage(
        new Map([...manifests].filter(([path]) => goFileIn(path, prefix))),
        handler.target,
      );
      return { template: goTemplate({ ...input, module, entry }), lockfile: module.lockfile };
    }
  }
}
