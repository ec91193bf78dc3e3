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

/** Blobs of one image that are looked for: a runtime mounts no more layers than that, and a manifest may name as many as anybody likes. */
const MOST_BLOBS = 128;
/** Of these, how many are asked for at once. */
const AT_ONCE = 8;
/** Layers that are never pushed: a node fetches them from where their manifest says. */
const LIES_ELSEWHERE = /nondistributable|\.foreign\./;
/** Longest time that they are looked for, in milliseconds: a function waits for it. */
const BLOBS_MS = 30_000;

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
  blobsMs = BLOBS_MS,
): Promise<string | undefined> {
  let manifest: ImageManifest;
  try {
    manifest = await imageManifest(place, stored, options);
  } catch (error) {
    if (isDamage(error)) return error.message;
    throw error;
  }
  try {
    const lost = await withDeadline(blobsMs, options.signal, (signal) => lostPart(place, manifest, signal));
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
    .filter(isDigest);
  const last = Math.min(parts.length, MOST_BLOBS);
  // A byte of each, and no HEAD: a registry may know of what its store has lost.
  const isThere = (digest: Digest): Promise<true | undefined> =>
    registry.blob(repository, digest, () => Promise.resolve(true as const), { signal, range: [0, 0] });
  for (let first = 0; first < last; first += AT_ONCE) {
    const some = parts.slice(first, Math.min(first + AT_ONCE, last));
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
