import type { Platform } from "./platform";
import type { BuildPlan, Source } from "./renderBuild";
import type { Bases } from "./baseImage";
import { hashOf } from "./hash";
import type { PackageIndexes } from "./packageIndexes";

/** Prefix of the tags by which images are found again. */
export const BUILD_TAG_PREFIX = "build-";

export interface BuildHashInput {
  source: Source;
  plan: BuildPlan;
  /** By digest. */
  bases: Bases;
  platform: Platform;
  indexes: PackageIndexes;
  /** Identifies a build that is forced (`build.forceRebuild`), once for each generation; undefined for all others. */
  forced?: string | undefined;
  /** From {@link freshnessPeriod}, for what grows old. */
  period?: number | undefined;
}

/**
 * The hash, in hex, of all that an image is made from: two functions of one hash have one image. Not in it are the function's name, so
 * that a second function of the same source is not built, and nothing of a spec that a rollout alone can apply.
 */
export const buildHash = ({
  source,
  plan,
  bases,
  platform,
  indexes,
  forced,
  period,
}: BuildHashInput): string =>
  hashOf([
    "build",
    plan.templateVersion,
    source.hash,
    source.runtime.language,
    source.runtime.version,
    source.handler === undefined ? null : [source.handler.file, source.handler.module, source.handler.target],
    source.handler?.given ?? null,
    plan.lockfile.kind,
    plan.lockfile.hash,
    plan.ownDockerfile,
    Object.entries(plan.buildArgs),
    [bases.build, bases.runtime],
    platform,
    indexes.identity,
    forced ?? null,
    period ?? null,
  ]);

/** The tag under which a namespace's repository has the image. Under an immutable tag no other image can ever be. */
export const buildTag = (hash: string): string => BUILD_TAG_PREFIX + hash;

/**
 * Number of the period in which a result counts as fresh. One that depends on what is newest is built again after `ttlSeconds` at most; each
 * source changes its period at a time of its own, so that they are not all built at once.
 * @param sourceHash hash of the source
 */
export function freshnessPeriod(sourceHash: string, now: Date, ttlSeconds: number): number {
  const offset = (Number.parseInt(sourceHash.slice(0, 8), 16) / 2 ** 32) * ttlSeconds;
  return Math.floor((now.getTime() / 1000 + offset) / ttlSeconds);
}
