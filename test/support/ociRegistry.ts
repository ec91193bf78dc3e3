import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync, gzipSync } from "node:zlib";

const digestOf = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

interface Stored {
  bytes: Buffer;
  type: string;
}

/** A registry on the loopback that keeps everything in memory: what a test pushes can be read, tagged and asked for over HTTP. */
export class OciRegistry {
  private readonly manifests = new Map<string, Stored>();
  private readonly blobs = new Map<string, Buffer>();
  private server: Server | undefined;
  /** Requests that are answered 429 before any other is let through. */
  throttled = 0;
  private port = 0;

  /** `127.0.0.1:port`, once it has listened. It keeps its port over {@link close} and another {@link listen}. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get isReachable(): boolean {
    return this.server?.listening === true;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts all connections and takes no more. What was pushed stays. */
  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** Puts an image of one layer under a tag, as a build's push does, and answers its digest. Distinct content makes a distinct image. */
  put(repository: string, tag: string, content: string): string {
    const layer = gzipSync(Buffer.from(content.padEnd(4096)));
    const config = Buffer.from(
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        config: {},
        rootfs: { type: "layers", diff_ids: [digestOf(Buffer.from(content.padEnd(4096)))] },
      }),
    );
    this.blobs.set(digestOf(layer), layer);
    this.blobs.set(digestOf(config), config);
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST,
        config: {
          mediaType: "application/vnd.oci.image.config.v1+json",
          digest: digestOf(config),
          size: config.length,
        },
        layers: [
          {
            mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
            digest: digestOf(layer),
            size: layer.length,
          },
        ],
      }),
    );
    return this.keep(repository, tag, { bytes: manifest, type: MANIFEST });
  }

  /** What was put into the image under a tag or digest, as {@link put} was given it. */
  contents(repository: string, reference: string): string | undefined {
    const stored = this.manifests.get(`${repository}:${reference}`);
    if (stored === undefined) return undefined;
    const { layers } = JSON.parse(stored.bytes.toString()) as { layers: { digest: string }[] };
    const layer = this.blobs.get(layers[0]?.digest ?? "");
    return layer && gunzipSync(layer).toString().trimEnd();
  }

  /** Tags of a repository, sorted. */
  tags(repository: string): string[] {
    return [...this.manifests.keys()]
      .filter((key) => key.startsWith(`${repository}:`) && !key.includes(":sha256:"))
      .map((key) => key.slice(repository.length + 1))
      .sort();
  }

  /** The digest behind a tag. */
  digest(repository: string, tag: string): string | undefined {
    const stored = this.manifests.get(`${repository}:${tag}`);
    return stored && digestOf(stored.bytes);
  }

  private keep(repository: string, reference: string, stored: Stored): string {
    const digest = digestOf(stored.bytes);
    this.manifests.set(`${repository}:${reference}`, stored);
    this.manifests.set(`${repository}:${digest}`, stored);
    return digest;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://registry");
    if (this.throttled > 0) {
      this.throttled -= 1;
      response.writeHead(429).end();
      return;
    }
    const match = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(pathname);
    if (!match) {
      response.writeHead(pathname === "/v2/" ? 200 : 404).end();
      return;
    }
    const [, repository = "", kind, reference = ""] = match;
    if (kind === "tags") {
      response
        .setHeader("content-type", "application/json")
        .end(JSON.stringify({ name: repository, tags: this.tags(repository) }));
      return;
    }
    if (request.method === "PUT" && kind === "manifests") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const digest = this.keep(repository, reference, {
        bytes: Buffer.concat(chunks),
        type: request.headers["content-type"] ?? MANIFEST,
      });
      response.writeHead(201, { "docker-content-digest": digest }).end();
      return;
    }
    if (request.method === "DELETE" && kind === "manifests") {
      response.writeHead(this.manifests.delete(`${repository}:${reference}`) ? 202 : 404).end();
      return;
    }
    const found: Stored | undefined =
      kind === "manifests"
        ? this.manifests.get(`${repository}:${reference}`)
        : this.blobs.has(reference)
          ? { bytes: this.blobs.get(reference) ?? Buffer.alloc(0), type: "application/octet-stream" }
          : undefined;
    if (!found) {
      response
        .writeHead(404, { "content-type": "application/json" })
        .end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN" }] }));
      return;
    }
    response.writeHead(200, {
      "content-type": found.type,
      "content-length": found.bytes.length,
      "docker-content-digest": digestOf(found.bytes),
    });
    response.end(request.method === "HEAD" ? undefined : found.bytes);
  }
}
