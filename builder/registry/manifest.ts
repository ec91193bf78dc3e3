import { InfrastructureError } from "../types";
import type { Digest } from "./digest";
import type { RegistryAsk } from "./transport";

/** A blob, or a manifest, as a manifest names it. */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  /** In bytes, as it is stored: compressed. */
  size: number;
  platform?: { os: string; architecture: string };
  annotations?: Record<string, string>;
}

/** One image: its configuration, and its layers from the base up. */
export interface ImageManifest {
  config: Descriptor;
  layers: Descriptor[];
}

/** Images of several platforms under one name. */
export interface ImageIndex {
  manifests: Descriptor[];
}

/** A manifest as the registry has it. Its digest is of these very bytes: read and written again it would be another. */
export interface StoredManifest {
  digest: Digest;
  mediaType: string;
  bytes: Buffer;
}

/** Manifests that a tag may stand for: an index of several platforms, or one image, in either format. */
export const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const;

/**
 * Reads a manifest.
 * @throws InfrastructureError ManifestUnreadable where the registry has something else under that name; RegistryRefused where it doesn't even
 * call it a manifest, as the page of a proxy
 */
export function readManifest({ bytes, digest, mediaType }: StoredManifest): ImageManifest | ImageIndex {
  const isCalledOne = MANIFEST_TYPES.some((type) => mediaType.startsWith(type));
  const reason = isCalledOne ? "ManifestUnreadable" : "RegistryRefused";
  let read: Partial<ImageManifest & ImageIndex> | null;
  try {
    read = JSON.parse(bytes.toString()) as typeof read;
  } catch (cause) {
    throw new InfrastructureError(reason, `${digest} is no JSON`, { cause });
  }
  const { config, layers, manifests } = read ?? {};
  if (Array.isArray(manifests) && manifests.every(isDescriptor)) return { manifests };
  if (config && isDescriptor(config) && Array.isArray(layers) && layers.every(isDescriptor))
    return { config, layers };
  throw new InfrastructureError(reason, `${digest} is no manifest of an image`);
}

/** Whoever pushes may write anything into a list of them. */
const isDescriptor = (item: Partial<Descriptor> | null): boolean =>
  typeof item?.digest === "string" &&
  typeof item.mediaType === "string" &&
  Number.isSafeInteger(item.size) &&
  (item.size ?? -1) >= 0;

/** The image of an index for a platform. */
export const imageFor = ({ manifests }: ImageIndex, architecture: string): Descriptor | undefined =>
  manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === architecture);

/** How to ask for a manifest, in any of the formats. */
export function manifestAt(repository: string, reference: string, method: "GET" | "HEAD"): RegistryAsk {
  return {
    method,
    path: `/v2/${repository}/manifests/${reference}`,
    headers: { accept: MANIFEST_TYPES.join(", ") },
  };
}
