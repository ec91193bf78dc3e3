import { buildTag } from "../build/buildHash";
import { hashOf } from "../build/hash";
import type { Digest } from "../registry/digest";
import { damageOf, type ImagePlace } from "../registry/imageManifest";
import { InfrastructureError } from "../types";

/** Where the image of a build is, or is to be. */
export interface FoundImage {
  /** Hash and tag of the build; another's than the one that was looked for where it stands in for that one's image. */
  hash: string;
  tag: string;
  /** Undefined where it is to be built. */
  digest: Digest | undefined;
  /** What is wrong with the image that it stands in for. */
  damage: string | undefined;
}

/** Images that may stand in for one another before it is the registry that must be mended. */
const MOST_STAND_INS = 3;

/**
 * Finds the image of a build. One that no node could run is not taken, nor built again under its own tag: tags are never moved, and where they are
 * immutable a push would be refused. Another stands in for it, with a tag that follows from the first, so that every function of the same
 * source finds it.
 * @throws InfrastructureError ImageUnusable where those that stand in are no better
 */
export async function findImage(place: ImagePlace, hash: string, signal: AbortSignal): Promise<FoundImage> {
  const { registry, repository } = place;
  let damage: string | undefined;
  for (let standIn = 0; standIn <= MOST_STAND_INS; standIn += 1) {
    const own = standIn === 0 ? hash : hashOf(["in place of", hash, standIn]);
    const tag = buildTag(own);
    const stored = await registry.manifest(repository, tag, { signal });
    const wrong = stored && (await damageOf(place, stored, { signal }));
    if (stored === undefined || wrong === undefined)
      return { hash: own, tag, digest: stored?.digest, damage };
    damage = `the image ${repository}:${tag} of the same can't be run: ${wrong}`;
  }
  throw new InfrastructureError(
    "ImageUnusable",
    `${damage ?? ""}; ${MOST_STAND_INS} that were built in its place were no better`,
  );
}
