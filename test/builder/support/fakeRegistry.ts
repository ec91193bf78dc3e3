import type { IncomingMessage, ServerResponse } from "node:http";
import { digestOf } from "../../../builder/registry/digest";
import { bodyOf, Loopback } from "./loopback";

export interface RegistryAsked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
}

export interface RegistryGiven {
  code: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A registry in memory: manifests by digest and tag, blobs with ranges, uploads, mounts. Deletes tags, as registry 3 and others do. */
export class FakeRegistry {
  readonly asked: RegistryAsked[] = [];
  /** Answers in the registry's place. */
  intercept: (asked: RegistryAsked) => RegistryGiven | undefined = () => undefined;
  /** `Authorization` that is taken; undefined: none is asked for. */
  basic: string | undefined;
  /** Blobs are answered as a whole, whatever part is asked for. */
  withoutRanges = false;
  /** Where blobs are served from instead. */
  redirectBlobsTo: string | undefined;
  private readonly manifests = new Map<string, { bytes: Buffer; mediaType: string }>();
  private readonly named = new Map<string, string>();
  private readonly blobs = new Map<string, Buffer>();
  private loopback!: Loopback;

  static async start(): Promise<FakeRegistry> {
    const registry = new FakeRegistry();
    registry.loopback = await Loopback.listen((request, response) => {
      void registry.answer(request, response);
    });
    return registry;
  }

  get host(): string {
    return this.loopback.host;
  }

  close(): Promise<void> {
    return this.loopback.close();
  }

  /** The digest that a tag is on. */
  tagged(repository: string, tag: string): string | undefined {
    return this.named.get(`${repository}:${tag}`);
  }

  tagsOf(repository: string): string[] {
    return [...this.named.keys()]
      .filter((name) => name.startsWith(`${repository}:`))
      .map((name) => name.slice(repository.length + 1))
      .sort();
  }

  putBlob(repository: string, bytes: Buffer): string {
    const digest = digestOf(bytes);
    this.blobs.set(`${repository}@${digest}`, bytes);
    return digest;
  }

  /** Loses a blob, as a store may. */
  loseBlob(repository: string, digest: string): void {
    this.blobs.delete(`${repository}@${digest}`);
  }

  /** What is kept under a tag or a digest. */
  read(repository: string, reference: string): { config: { digest: string }; layers: { digest: string }[] } {
    const digest = this.tagged(repository, reference) ?? reference;
    const found = this.manifests.get(`${repository}@${digest}`);
    return JSON.parse(found?.bytes.toString() ?? "null") as ReturnType<FakeRegistry["read"]>;
  }

  putManifest(repository: string, reference: string, manifest: object, mediaType: string): string {
    const bytes = Buffer.from(JSON.stringify(manifest));
    return this.keep(repository, reference, bytes, mediaType);
  }

  private keep(repository: string, reference: string, bytes: Buffer, mediaType: string): string {
    const digest = digestOf(bytes);
    this.manifests.set(`${repository}@${digest}`, { bytes, mediaType });
    if (!reference.startsWith("sha256:")) this.named.set(`${repository}:${reference}`, digest);
    return digest;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://registry");
    const asked = {
      method: request.method ?? "",
      path: pathname,
      query: searchParams,
      headers: request.headers,
    };
    const body = await bodyOf(request);
    this.asked.push(asked);
    const { code, headers = {}, body: text = "" } = this.intercept(asked) ?? this.decide(asked, body);
    response.writeHead(code, headers);
    response.end(asked.method === "HEAD" ? undefined : Buffer.from(text, "latin1"));
  }

  private decide({ method, path, query, headers }: RegistryAsked, body: Buffer): RegistryGiven {
    if (this.basic !== undefined && headers.authorization !== this.basic)
      return { code: 401, headers: { "www-authenticate": 'Basic realm="fake"' } };
    const [, repository = "", kind = "", rest = ""] =
      /^\/v2\/(.+?)\/(manifests|blobs|tags)\/(.*)$/.exec(path) ?? [];
    if (kind === "manifests") return this.manifest(method, repository, rest, headers, body);
    if (kind === "tags") return this.tags(repository, query);
    return this.blob(method, repository, rest, query, headers, body);
  }

  private manifest(
    method: string,
    repository: string,
    reference: string,
    headers: IncomingMessage["headers"],
    body: Buffer,
  ): RegistryGiven {
    if (method === "PUT") {
      const digest = this.keep(repository, reference, body, headers["content-type"] ?? "");
      return { code: 201, headers: { "docker-content-digest": digest } };
    }
    const digest = this.named.get(`${repository}:${reference}`) ?? reference;
    const found = this.manifests.get(`${repository}@${digest}`);
    if (!found) return { code: 404, body: JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN" }] }) };
    if (method === "DELETE") {
      this.named.delete(`${repository}:${reference}`);
      return { code: 202 };
    }
    return {
      code: 200,
      headers: { "docker-content-digest": digest, "content-type": found.mediaType },
      body: found.bytes.toString("latin1"),
    };
  }

  private tags(repository: string, query: URLSearchParams): RegistryGiven {
    const all = this.tagsOf(repository);
    if (all.length === 0) return { code: 404 };
    const from = all.findIndex((tag) => tag > (query.get("last") ?? ""));
    const page = from < 0 ? [] : all.slice(from, from + Number(query.get("n")));
    const more = page.length > 0 && page.at(-1) !== all.at(-1);
    const next = `/v2/${repository}/tags/list?n=${query.get("n") ?? ""}&last=${page.at(-1) ?? ""}`;
    return {
      code: 200,
      headers: more ? { link: `<${next}>; rel="next"` } : {},
      body: JSON.stringify({ name: repository, tags: page }),
    };
  }

  private blob(
    method: string,
    repository: string,
    rest: string,
    query: URLSearchParams,
    { range }: IncomingMessage["headers"],
    body: Buffer,
  ): RegistryGiven {
    if (method === "POST") {
      const from = this.blobs.get(`${query.get("from") ?? ""}@${query.get("mount") ?? ""}`);
      if (from)
        return {
          code: 201,
          headers: { location: `/v2/${repository}/blobs/${this.putBlob(repository, from)}` },
        };
      return { code: 202, headers: { location: `/v2/${repository}/blobs/uploads/1?state=x` } };
    }
    if (method === "PUT") {
      const digest = this.putBlob(repository, body);
      return query.get("digest") === digest && query.get("state") === "x" ? { code: 201 } : { code: 400 };
    }
    const found = this.blobs.get(`${repository}@${rest}`);
    if (!found) return { code: 404 };
    if (this.redirectBlobsTo !== undefined)
      return { code: 307, headers: { location: `${this.redirectBlobsTo}/${rest}` } };
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    const partial = first !== undefined && !this.withoutRanges;
    return {
      code: partial ? 206 : 200,
      body: (partial ? found.subarray(Number(first), Number(last) + 1) : found).toString("latin1"),
    };
  }
}
