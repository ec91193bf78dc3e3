import { type ImageNames, pathIn } from "../../contract/imageNames";
import { readImageReference } from "../../settings";

/** Paths of a stack's repositories inside its registry. */
export interface RepositoryPaths {
  /** Prefix of the layer caches, or the one shared cache. Undefined: it lies in another registry. */
  cache: string | undefined;
  /** Prefix of the function images. */
  functions: string;
  builder: string;
  /** Prefix of the pull-through cache. */
  pullThrough: string;
  /** Base images that lie in the registry beside the pull-through cache, each once. */
  baseImages: string[];
}

/** Reads the paths, or answers what is wrong with them: each kind has a lifecycle of its own, so none may lie inside another. */
export function repositoryPaths(names: ImageNames, pullThrough: string): RepositoryPaths | string {
  const { registry } = names;
  const cache = pathIn(registry, names.cachePrefix);
  const functions = pathIn(registry, names.functionsPrefix);
  const builder = pathIn(registry, names.builder);
  if (functions === undefined || builder === undefined)
    return `${names.functionsPrefix} and ${names.builder} must lie in ${registry}, where the stack makes repositories`;

  const paths = [functions, builder, pullThrough, ...(cache === undefined ? [] : [cache])];
  const clash = paths
    .flatMap((inner, index) => paths.filter((_, other) => other !== index).map((outer) => ({ inner, outer })))
    .find(({ inner, outer }) => `${inner}/`.startsWith(`${outer}/`));
  return clash === undefined
    ? { cache, functions, builder, pullThrough, baseImages: baseImagePaths(names, pullThrough) }
    : `repositories ${clash.inner} lie in ${clash.outer}, which has another lifecycle; give them paths apart`;
}

/** Where a stack file names base images of this registry. Those below the pull-through cache's prefix are the cache's. */
function baseImagePaths({ registry, baseImages }: ImageNames, pullThrough: string): string[] {
  const paths = Object.values(baseImages).flatMap((image: string | undefined) => {
    const read = image === undefined ? "is absent" : readImageReference(image);
    if (typeof read === "string" || read.registry !== registry) return [];
    return read.repository.startsWith(`${pullThrough}/`) ? [] : [read.repository];
  });
  return [...new Set(paths)];
}
