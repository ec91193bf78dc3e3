/** Where a stack's images lie: full names without tag or digest, as the builder and ECR's rules use them. */
export interface ImageNames {
  /** Host of the registry. */
  registry: string;
  /** Prefix of the layer caches; `/<namespace>` follows unless the cache is shared. */
  cachePrefix: string;
  /** Prefix of the function images; `/<namespace>` follows. */
  functionsPrefix: string;
  /** The builder's own repository. */
  builder: string;
  /** Base images by language, with tag or digest. */
  baseImages: BaseImages;
}

export interface BaseImages {
  python: string;
  nodejs: string;
  /** Compiles Go functions. */
  go: string;
  /** What a compiled Go function lies on. */
  goRuntime: string;
  /** On musl, for Python functions that install nothing of their own; undefined where they have the others'. */
  pythonAlpine?: string | undefined;
  /** On musl, for Node.js functions that install nothing that is compiled; undefined where they have the others'. */
  nodejsAlpine?: string | undefined;
}

/** The stack's registry as SRE-002's values.yaml names it. */
export const REGISTRY_PLACEHOLDER = "${ECR_REGISTRY}";

const DEFAULT_BASE_IMAGES = {
  python: "python:3.13-slim",
  nodejs: "node:22-slim",
  go: "golang:1.26",
  goRuntime: "alpine:3.22",
} satisfies BaseImages;

export interface ImageNamesArgs {
  registry: string;
  /** `kaniko.cacheRepo`; absent: `<registry>/kaniko-cache`. */
  cacheRepo?: string | undefined;
  /** `imageRepositories.functions`. */
  functions: string;
  /** `imageRepositories.builder`. */
  builder: string;
  /** Path between registry and a base image's name: where the pull-through cache has Docker's library. "" where there is none. */
  baseImagePath: string;
  /** What the stack file says instead of the defaults. */
  baseImages: { [Language in keyof BaseImages]?: string | undefined };
}

export function imageNames({
  registry,
  cacheRepo,
  functions,
  builder,
  baseImagePath,
  baseImages,
}: ImageNamesArgs): ImageNames {
  const base = (language: keyof typeof DEFAULT_BASE_IMAGES): string =>
    baseImages[language] ??
    [registry, baseImagePath, DEFAULT_BASE_IMAGES[language]].filter((part) => part !== "").join("/");
  return {
    registry,
    cachePrefix: (cacheRepo ?? `${REGISTRY_PLACEHOLDER}/kaniko-cache`).replace(
      REGISTRY_PLACEHOLDER,
      registry,
    ),
    functionsPrefix: `${registry}/${functions}`,
    builder: `${registry}/${builder}`,
    baseImages: {
      python: base("python"),
      nodejs: base("nodejs"),
      go: base("go"),
      goRuntime: base("goRuntime"),
      pythonAlpine: baseImages.pythonAlpine,
      nodejsAlpine: baseImages.nodejsAlpine,
    },
  };
}

/** The path of a repository inside a registry, or undefined where it lies in another one. */
export const pathIn = (registry: string, name: string): string | undefined =>
  name.startsWith(`${registry}/`) ? name.slice(registry.length + 1) : undefined;
