import { withDeadline } from "../deadline";
import { InfrastructureError } from "../types";
import type { RegistryClient, RegistryOptions } from "./client";
import { type Digest, isDigest } from "./digest";
import { imageFor, type ImageManifest, readManifest, type StoredManifest } from "./manifest";

/** A registry's images of one repository, as one architecture runs them. */
export interface ImagePlace {
  registry: Pick<RegistryClient, "registry" | "manifest" | "blob">;
  repository: string;
  /** Which image counts where a digest names an index. */
  architecture: string;
}

/** Most parts of one image that are looked for. No runtime mounts more layers, but a manifest may name any number. */
const MOST_PARTS = 128;
/** Parts that are asked for at once. */
const AT_ONCE = 8;
/** Longest time for looking for parts, in milliseconds: a function waits for it. */
const PARTS_MS = 30_000;
/** Layers that are never pushed: a node fetches them from where their manifest says. */
const LIES_ELSEWHERE = /nondistributable|\.foreign\./;

/**
 * The manifest of the image itself, where what is stored may be an index of several.
 * @throws InfrastructureError ManifestUnreadable, or ImageMissing where the registry doesn't have what the index names
 */
export async function imageManifest(
  place: ImagePlace,
  stored: StoredManifest,
  options: RegistryOptions,
): Promise<ImageManifest> {
  const { repository, architecture } = place;
  const manifest = readManifest(stored);
  if ("layers" in manifest) return manifest;
  const ours = imageFor(manifest, architecture);
  if (!ours || ours.digest === stored.digest)
    throw new InfrastructureError(
      "ManifestUnreadable",
      `${repository}@${stored.digest} has no image for ${architecture}`,
    );
  return imageManifest(place, await manifestOf(place, ours.digest, options), options);
}

/** What a digest names. @throws InfrastructureError ImageMissing where there is nothing */
export async function manifestOf(
  { registry, repository }: ImagePlace,
  digest: string,
  options: RegistryOptions,
): Promise<StoredManifest> {
  const stored = await registry.manifest(repository, digest, options);
  if (!stored)
    throw new InfrastructureError("ImageMissing", `${registry.registry} has no ${repository}@${digest}`);
  return stored;
}

/**
 * Why no node can run an image, where its registry leaves no doubt: what it has is no image, or it doesn't have a part of it. A registry that
 * refuses or fails says nothing about the image.
 * @throws InfrastructureError where its manifest can't be asked for
 */
export async function damageOf(
  place: ImagePlace,
  stored: StoredManifest,
  options: RegistryOptions,
  partsMs = PARTS_MS,
): Promise<string | undefined> {
  let manifest: ImageManifest;
  try {
    manifest = await imageManifest(place, stored, options);
  } catch (error) {
    if (isDamage(error)) return error.message;
    throw error;
  }
  try {
    const lost = await withDeadline(partsMs, options.signal, (signal) => lostPart(place, manifest, signal));
    return lost && `${place.registry.registry} has no ${lost}, a part of it`;
  } catch {
    options.signal?.throwIfAborted();
    return undefined;
  }
}

/** The first blob of an image that its registry doesn't have. */
async function lostPart(
  { registry, repository }: ImagePlace,
  { config, layers }: ImageManifest,
  signal: AbortSignal,
): Promise<Digest | undefined> {
  const parts = [config, ...layers]
    .filter(({ mediaType }) => !LIES_ELSEWHERE.test(mediaType))
    .map(({ digest }) => digest)
    .filter(isDigest)
    .slice(0, MOST_PARTS);
  // A byte of each, and no HEAD: a registry may know of what its store has lost.
  const isThere = (digest: Digest): Promise<true | undefined> =>
    registry.blob(repository, digest, () => Promise.resolve(true as const), { signal, range: [0, 0] });
  for (let first = 0; first < parts.length; first += AT_ONCE) {
    const some = parts.slice(first, first + AT_ONCE);
    const there = await Promise.all(some.map(isThere));
    const lost = some.find((_, index) => there[index] === undefined);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** Whether an error is the registry's last word on an image, and none on the registry. */
export const isDamage = (
  error: unknown,
): error is InfrastructureError & { reason: "ManifestUnreadable" | "ImageMissing" } =>
  error instanceof InfrastructureError && ["ManifestUnreadable", "ImageMissing"].includes(error.reason);
