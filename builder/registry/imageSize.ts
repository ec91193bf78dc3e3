import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { withDeadline } from "../deadline";
import type { RegistryClient, RegistryOptions } from "./client";
import type { Digest } from "./digest";
import { imageManifest, manifestOf } from "./imageManifest";
import type { Descriptor } from "./manifest";

export interface ImageSize {
  /** What a node pulls and the registry stores: configuration and layers as they are stored. */
  compressedBytes: number;
  /** What the layers are unpacked. Undefined where that is not known of a layer: how it is packed, or how large it is without reading too much or for too long. */
  unpackedBytes: number | undefined;
}

/** Layers whose unpacked size is remembered: those of base images are in every function's image. */
const MOST_LAYERS = 10_000;
/** The trailer of gzip counts modulo 4 GiB, so it is believed for layers that can hardly unpack to more. */
const TRAILER_BELIEVED_BELOW = 128 * 1024 * 1024;
/**
 * The most that a layer is unpacked to, to learn its size, as much as gzip's trailer can count. Layers of real images are smaller; 20 MB of zstd can claim to be
 * hundreds of GB.
 */
const MOST_UNPACKED_BYTES = 4 * 1024 ** 3;
/** Longest time for the unpacked size of an image, in milliseconds: its build is said to have ended only then. Unpacking goes at some 200 MB/s. */
const SIZE_MS = 30_000;

export interface SizeLimits {
  unpackedBytes: number;
  ms: number;
}

/** Sizes of images as their registry has them. */
export class ImageSizes {
  /** `unknown` where it can't be learnt: it is not tried again. */
  private readonly unpacked = new Map<Digest, number | "unknown">();

  /** @param architecture Which image counts where a digest names an index */
  constructor(
    private readonly registry: RegistryClient,
    private readonly architecture: string,
    private readonly limits: SizeLimits = { unpackedBytes: MOST_UNPACKED_BYTES, ms: SIZE_MS },
  ) {}

  /**
   * What is unpacked is a figure for people, and the layers are whatever a build has pushed: it never takes long, and never fails.
   * @throws InfrastructureError where the image is not there, or its manifest can't be read
   */
  async of(repository: string, digest: Digest, options: RegistryOptions = {}): Promise<ImageSize> {
    const { registry, architecture } = this;
    const place = { registry, repository, architecture };
    const { config, layers } = await imageManifest(place, await manifestOf(place, digest, options), options);
    return {
      compressedBytes: layers.reduce((sum, { size }) => sum + size, config.size),
      unpackedBytes: await this.unpackedSizes(repository, layers, options),
    };
  }

  private async unpackedSizes(
    repository: string,
    layers: readonly Descriptor[],
    { signal, ...options }: RegistryOptions,
  ): Promise<number | undefined> {
    try {
      return await withDeadline(this.limits.ms, signal, async (until) => {
        let sum = 0;
        for (const layer of layers) {
          const size = await this.unpackedSize(repository, layer, { ...options, signal: until });
          if (size === undefined) return undefined;
          sum += size;
        }
        return sum;
      });
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  private async unpackedSize(
    repository: string,
    layer: Descriptor,
    options: RegistryOptions,
  ): Promise<number | undefined> {
    const known = this.unpacked.get(layer.digest);
    if (known !== undefined) return known === "unknown" ? undefined : known;
    let size: number | undefined;
    try {
      size = await this.read(repository, layer, options);
    } catch (error) {
      // A registry that fails may answer the next time. Where time ran out the next image on that base is not to wait again.
      if ((error as Error).name !== "TimeoutError") throw error;
    }
    const [oldest] = this.unpacked.keys();
    if (this.unpacked.size >= MOST_LAYERS && oldest !== undefined) this.unpacked.delete(oldest);
    this.unpacked.set(layer.digest, size ?? "unknown");
    return size;
  }

  private async read(
    repository: string,
    layer: Descriptor,
    options: RegistryOptions,
  ): Promise<number | undefined> {
    if (/\.tar$/.test(layer.mediaType)) return layer.size;
    if (/[.+]zstd$/.test(layer.mediaType)) return this.byReading(repository, layer, options);
    if (!/[.+]gzip$/.test(layer.mediaType)) return undefined;
    return (await this.byTrailer(repository, layer, options)) ?? this.byReading(repository, layer, options);
  }

  /**
   * The last four bytes of gzip are the size of what it holds (RFC 1952), so that a layer need not be read as a whole. Where it is made of several
   * parts they tell of the last alone: a size below what is stored is not believed.
   */
  private async byTrailer(
    repository: string,
    { digest, size }: Descriptor,
    options: RegistryOptions,
  ): Promise<number | undefined> {
    if (size < 18 || size >= TRAILER_BELIEVED_BELOW) return undefined;
    const trailer = await this.registry.blob(
      repository,
      digest,
      (body, partial) => (partial ? buffer(body) : Promise.resolve(undefined)),
      { ...options, range: [size - 4, size - 1] },
    );
    if (trailer?.length !== 4) return undefined;
    const unpacked = trailer.readUInt32LE();
    // What can't be packed grows by 5 bytes in 16 KiB at the most, and by a header.
    return unpacked + unpacked / 1000 + 1024 >= size ? unpacked : undefined;
  }

  /** Unpacks a layer to count it. Undefined where it is larger than is counted, or damaged. */
  private async byReading(
    repository: string,
    { digest, size: stored, mediaType }: Descriptor,
    { signal, ...options }: RegistryOptions,
  ): Promise<number | undefined> {
    const most = this.limits.unpackedBytes;
    if (stored > most) return undefined;
    const unpack = mediaType.endsWith("zstd") ? createZstdDecompress : createGunzip;
    const count = async (body: Readable): Promise<number | undefined> => {
      let size = 0;
      const add = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
        for await (const chunk of chunks) if ((size += chunk.length) > most) return;
      };
      try {
        await pipeline(body, unpack(), add, signal === undefined ? {} : { signal });
      } catch (error) {
        // What can't be unpacked to its end: the unpacker says so, or lets go of the rest.
        const damaged = /^(Z_|ZSTD_|ABORT_ERR$)/.test((error as { code?: string }).code ?? "");
        if (signal?.aborted === true || (size <= most && !damaged)) throw error;
        return undefined;
      }
      return size > most ? undefined : size;
    };
    return this.registry.blob(repository, digest, count, { ...options, signal });
  }
}
