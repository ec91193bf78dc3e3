import type { Readable } from "node:stream";
import { InfrastructureError } from "../types";
import { type Digest, digestOf, isDigest } from "./digest";
import { manifestAt, type StoredManifest } from "./manifest";
import { RegistryError } from "./registryError";
import {
  type Answer,
  ASK_MS,
  bytesOf,
  headerOf,
  type RegistryAsk,
  RegistryTransport,
  type TransportArgs,
} from "./transport";

export interface RegistryOptions {
  signal?: AbortSignal | undefined;
}

/** The most that registries take, by the distribution specification. */
const MOST_MANIFEST_BYTES = 4 * 1024 * 1024;
const MOST_TAGS_BYTES = 4 * 1024 * 1024;

const READ = "pull";
const WRITE = "pull,push";

/** One registry, by the distribution API (https://github.com/opencontainers/distribution-spec). */
export class RegistryClient {
  private readonly transport: RegistryTransport;

  constructor(args: TransportArgs) {
    this.transport = new RegistryTransport(args);
  }

  /** Host, with its port where it has one. */
  get registry(): string {
    return this.transport.host;
  }

  /**
   * The manifest that a tag or a digest stands for now, or undefined where there is none. Its digest is computed from its bytes.
   * @throws InfrastructureError where the registry says another digest of them, or other bytes are asked for
   */
  manifest(
    repository: string,
    reference: string,
    options: RegistryOptions = {},
  ): Promise<StoredManifest | undefined> {
    return this.ask(
      repository,
      READ,
      { ...options, ...manifestAt(repository, reference, "GET") },
      async (answer) => {
        if (answer.statusCode === 404) return undefined;
        const bytes = await bytesOf(answer, MOST_MANIFEST_BYTES);
        const digest = digestOf(bytes);
        const said = isDigest(reference) ? reference : headerOf(answer, "docker-content-digest");
        if (said !== undefined && said !== digest)
          throw new InfrastructureError(
            "DigestDiffers",
            `${this.registry} says ${said} of a manifest whose digest is ${digest}`,
          );
        return { digest, mediaType: headerOf(answer, "content-type") ?? "", bytes };
      },
    );
  }

  /** Whether a tag or a digest is there. */
  exists(repository: string, reference: string, options: RegistryOptions = {}): Promise<boolean> {
    return this.ask(
      repository,
      READ,
      { ...options, ...manifestAt(repository, reference, "HEAD") },
      (answer) => Promise.resolve(answer.statusCode === 200),
    );
  }

  /** Puts a manifest under a tag, or under its digest. @returns Its digest */
  putManifest(
    repository: string,
    reference: string,
    { bytes, mediaType }: Omit<StoredManifest, "digest">,
    options: RegistryOptions = {},
  ): Promise<Digest> {
    const digest = digestOf(bytes);
    const ask: RegistryAsk = {
      ...options,
      method: "PUT",
      path: `/v2/${repository}/manifests/${reference}`,
      headers: { "content-type": mediaType },
      body: bytes,
    };
    return this.ask(repository, WRITE, ask, (answer) => {
      this.expect(answer, 201);
      return digest;
    });
  }

  /**
   * Puts a tag on an image that is there; it moves where it was on another.
   * @returns Whether anything was written: registries count the manifests that are put
   * @throws RegistryError with code 404 where the image is not there
   */
  async tag(
    repository: string,
    digest: Digest,
    tag: string,
    options: RegistryOptions = {},
  ): Promise<boolean> {
    if ((await this.manifest(repository, tag, options))?.digest === digest) return false;
    const manifest = await this.manifest(repository, digest, options);
    if (!manifest)
      throw new RegistryError(404, ["MANIFEST_UNKNOWN"], `${this.registry} has no ${repository}@${digest}`);
    await this.putManifest(repository, tag, manifest, options);
    return true;
  }

  /**
   * Takes a tag off, and leaves its image.
   * @returns `unsupported` where the registry can't: it deletes manifests with all their tags, or nothing
   */
  async untag(
    repository: string,
    tag: string,
    options: RegistryOptions = {},
  ): Promise<"removed" | "absent" | "unsupported"> {
    const ask: RegistryAsk = { ...options, method: "DELETE", path: `/v2/${repository}/manifests/${tag}` };
    try {
      return await this.ask(repository, "delete", ask, ({ statusCode }) =>
        statusCode === 404 ? "absent" : "removed",
      );
    } catch (error) {
      // 400: a digest is asked for (registry 2.x). 405: nothing is ever deleted.
      if (error instanceof RegistryError && [400, 405].includes(error.code)) return "unsupported";
      throw error;
    }
  }

  /** The tags of a repository; none where there is no such repository. */
  async tags(repository: string, options: RegistryOptions = {}): Promise<string[]> {
    const all: string[] = [];
    let path: string | undefined = `/v2/${repository}/tags/list?n=1000`;
    while (path !== undefined)
      path = await this.ask(repository, READ, { ...options, method: "GET", path }, async (answer) => {
        if (answer.statusCode === 404) return undefined;
        const text = (await bytesOf(answer, MOST_TAGS_BYTES)).toString();
        all.push(...((JSON.parse(text) as { tags: string[] | null }).tags ?? []));
        return /<([^>]+)>;\s*rel="?next"?/.exec(headerOf(answer, "link") ?? "")?.[1];
      });
    return all;
  }

  /**
   * Reads a blob, or a part of it, and hands it over as it comes.
   * @param read Is told whether the part was given, or the whole in its stead
   * @returns Undefined where there is no such blob
   */
  blob<T>(
    repository: string,
    digest: Digest,
    read: (body: Readable, partial: boolean) => Promise<T>,
    { range, ...options }: RegistryOptions & { range?: readonly [first: number, last: number] } = {},
  ): Promise<T | undefined> {
    const ask: RegistryAsk = {
      ...options,
      method: "GET",
      path: `/v2/${repository}/blobs/${digest}`,
      timeoutMs: ASK_MS,
      ...(range === undefined ? {} : { headers: { range: `bytes=${range.join("-")}` } }),
    };
    return this.ask(repository, READ, ask, async ({ body, statusCode }) => {
      // What is not read to its end is cut off, which is no error here.
      body.on("error", () => undefined);
      try {
        return statusCode === 404 ? undefined : await read(body, statusCode === 206);
      } finally {
        if (statusCode !== 404) body.destroy();
      }
    });
  }

  hasBlob(repository: string, digest: Digest, options: RegistryOptions = {}): Promise<boolean> {
    const ask: RegistryAsk = { ...options, method: "HEAD", path: `/v2/${repository}/blobs/${digest}` };
    return this.ask(repository, READ, ask, isThere);
  }

  /** Makes a blob of another repository of the registry this one's too, without sending it. @returns Whether the registry did */
  mountBlob(
    repository: string,
    digest: Digest,
    from: string,
    options: RegistryOptions = {},
  ): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest, from }).toString();
    const ask: RegistryAsk = {
      ...options,
      method: "POST",
      path: `/v2/${repository}/blobs/uploads/?${query}`,
    };
    return this.ask(repository, WRITE, ask, ({ statusCode }) => statusCode === 201);
  }

  /** Sends a blob that is not there yet. @returns Its digest */
  async putBlob(repository: string, bytes: Uint8Array, options: RegistryOptions = {}): Promise<Digest> {
    const digest = digestOf(bytes);
    if (await this.hasBlob(repository, digest, options)) return digest;
    const begin: RegistryAsk = { ...options, method: "POST", path: `/v2/${repository}/blobs/uploads/` };
    const location = await this.ask(repository, WRITE, begin, (answer) => {
      this.expect(answer, 202);
      return headerOf(answer, "location");
    });
    const url = location === undefined ? null : URL.parse(location, `http://${this.registry}`);
    if (!url) throw new InfrastructureError("RegistryRefused", `${this.registry} names no place for a blob`);
    url.searchParams.set("digest", digest);
    const end: RegistryAsk = {
      ...options,
      method: "PUT",
      path: location?.startsWith("http") ? url.toString() : `${url.pathname}${url.search}`,
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
      timeoutMs: ASK_MS,
    };
    await this.ask(repository, WRITE, end, (answer) => {
      this.expect(answer, 201);
    });
    return digest;
  }

  private ask<T>(
    repository: string,
    actions: string,
    ask: RegistryAsk,
    read: (answer: Answer) => T | Promise<T>,
  ): Promise<T> {
    return this.transport.ask(`${repository}:${actions}`, ask, async (answer) => {
      const result = await read(answer);
      // A connection whose answer is not read to its end is not free for another.
      await answer.body.dump();
      return result;
    });
  }

  private expect({ statusCode }: Answer, expected: number): void {
    if (statusCode !== expected) throw RegistryError.of(this.registry, statusCode, "");
  }
}

const isThere = ({ statusCode }: Answer): boolean => statusCode === 200;
