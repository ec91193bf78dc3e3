import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { InfrastructureError } from "../types";
import type { RegistryClient, RegistryOptions } from "./client";
import type { Digest } from "./digest";
import { type Descriptor, imageFor, type ImageManifest, readManifest } from "./manifest";

export interface ImageSize {
  /** What a node pulls and the registry stores: configuration and layers as they are stored. */
  compressedBytes: number;
  /** What the layers are unpacked. Undefined where a layer is packed in a way that is not known here. */
  unpackedBytes: number | undefined;
}

/** Layers whose unpacked size is remembered: those of base images are in every function's image. */
const MOST_LAYERS = 10_000;
/** The trailer of gzip counts modulo 4 GiB, so it is believed for layers that can hardly unpack to more. */
const TRAILER_BELIEVED_BELOW = 128 * 1024 * 1024;

/** Sizes of images as their registry has them. */
export class ImageSizes {
  private readonly unpacked = new Map<Digest, number>();

  /** @param architecture Which image counts where a digest names an index */
  constructor(
    private readonly registry: RegistryClient,
    private readonly architecture: string,
  ) {}

  /** @throws InfrastructureError where the image is not there, or can't be read */
  async of(repository: string, digest: Digest, options: RegistryOptions = {}): Promise<ImageSize> {
    const { config, layers } = await this.image(repository, digest, options);
    const unpacked: (number | undefined)[] = [];
    for (const layer of layers) unpacked.push(await this.unpackedSize(repository, layer, options));
    return {
      compressedBytes: layers.reduce((sum, { size }) => sum + size, config.size),
      unpackedBytes: unpacked.reduce<number | undefined>(
        (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
        0,
      ),
    };
  }

  private async image(repository: string, digest: Digest, options: RegistryOptions): Promise<ImageManifest> {
    const stored = await this.registry.manifest(repository, digest, options);
    if (!stored)
      throw new InfrastructureError(
        "ImageMissing",
        `${this.registry.registry} has no ${repository}@${digest}`,
      );
    const manifest = readManifest(stored);
    if ("layers" in manifest) return manifest;
    const ours = imageFor(manifest, this.architecture);
    if (!ours || ours.digest === digest)
      throw new InfrastructureError(
        "ImageMissing",
        `${repository}@${digest} has no image for ${this.architecture}`,
      );
    return this.image(repository, ours.digest, options);
  }

  private async unpackedSize(
    repository: string,
    layer: Descriptor,
    options: RegistryOptions,
  ): Promise<number | undefined> {
    const known = this.unpacked.get(layer.digest);
    if (known !== undefined) return known;
    const size = /[.+]gzip$/.test(layer.mediaType)
      ? ((await this.byTrailer(repository, layer, options)) ??
        (await this.byReading(repository, layer, options)))
      : /[.+]zstd$/.test(layer.mediaType)
        ? await this.byReading(repository, layer, options)
        : /\.tar$/.test(layer.mediaType)
          ? layer.size
          : undefined;
    if (size === undefined) return undefined;
    const [oldest] = this.unpacked.keys();
    if (this.unpacked.size >= MOST_LAYERS && oldest !== undefined) this.unpacked.delete(oldest);
    this.unpacked.set(layer.digest, size);
    return size;
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

  private byReading(
    repository: string,
    { digest, mediaType }: Descriptor,
    options: RegistryOptions,
  ): Promise<number | undefined> {
    const unpack = mediaType.endsWith("zstd") ? createZstdDecompress : createGunzip;
    return this.registry.blob(
      repository,
      digest,
      async (body: Readable) => {
        let size = 0;
        await pipeline(body, unpack(), async (chunks: AsyncIterable<Buffer>) => {
          for await (const chunk of chunks) size += chunk.length;
        });
        return size;
      },
      options,
    );
  }
}
