import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { InfrastructureError, UserError } from "../../types";
import { type AddressGuard } from "../address/addressGuard";
import { type GuardedAgents } from "../address/guardedAgents";
import { type HttpRequest, type HttpResponse, request } from "../address/request";
import { limited } from "../streams";
import { type Advertisement, readAdvertisement } from "./advertisement";
import { pathBelow, repositoryUrl } from "./gitUrl";
import { PacketError } from "./pktLine";
import { packRequest, readPack } from "./uploadPack";

export interface RepositoryOptions {
  url: string;
  /** Value of the Authorization header. Sent to the host of `url` alone. */
  authorization: string | undefined;
  agents: GuardedAgents;
  guard: AddressGuard;
  signal: AbortSignal;
}

const FIELD = "spec.source.git.url";
const MAX_REDIRECTS = 5;
/** Room for 400,000 refs: no repository of a function's has them. */
const MAX_ADVERTISEMENT_BYTES = 32 * 1024 * 1024;
/** Some hosts answer a web page to those who don't call themselves git. */
const USER_AGENT = "git/knative-lambda";

/** A repository on a server that speaks git's smart HTTP protocol (git-scm.com: http-protocol). */
export class Repository {
  private url: URL;
  /** Where the credentials belong: scheme, host and port of the URL that the user wrote. */
  private readonly origin: string;

  constructor(private readonly options: RepositoryOptions) {
    this.url = repositoryUrl(options.url);
    this.origin = this.url.origin;
    this.checkScheme(this.url);
  }

  /** What the repository offers. */
  async advertisement(): Promise<Advertisement> {
    const path = "info/refs";
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const url = pathBelow(this.url, path, "service=git-upload-pack");
      const response = await this.send({ url, method: "GET" });
      const location = response.headers.location;
      if ([301, 302, 303, 307, 308].includes(response.status) && location !== undefined) {
        response.discard();
        this.url = this.redirected(url, location, path);
        continue;
      }
      this.checkStatus(response, "application/x-git-upload-pack-advertisement");
      const tooLarge = () =>
        new UserError("SourceTooLarge", `the repository has too many branches and tags`, FIELD);
      return this.reading(readAdvertisement(limited(response.body, MAX_ADVERTISEMENT_BYTES, tooLarge)));
    }
    throw new UserError(
      "SourceInvalid",
      `the repository's URL redirects more than ${MAX_REDIRECTS} times`,
      FIELD,
    );
  }

  /** Fetches one object with what it is made of, and none of its history, into a file. */
  async fetch(
    oid: string,
    capabilities: ReadonlySet<string>,
    file: string,
    most: { bytes: number; error: () => UserError },
  ): Promise<void> {
    const response = await this.send({
      url: pathBelow(this.url, "git-upload-pack"),
      method: "POST",
      headers: { "content-type": "application/x-git-upload-pack-request" },
      body: Buffer.from(packRequest(oid, capabilities)),
    });
    this.checkStatus(response, "application/x-git-upload-pack-result");
    await this.reading(
      writeChecked(readPack(limited(response.body, most.bytes, most.error), capabilities), file),
    );
  }

  private send({ headers, ...rest }: HttpRequest): Promise<HttpResponse> {
    const { authorization, agents, signal } = this.options;
    const own = rest.url.origin === this.origin && authorization !== undefined;
    const all = { "user-agent": USER_AGENT, accept: "*/*", ...headers, ...(own && { authorization }) };
    return request({ ...rest, headers: all }, agents, signal);
  }

  /** The repository's URL after a redirect: the protocol's path has to be at its end again. */
  private redirected(from: URL, location: string, path: string): URL {
    const wrong = (what: string) =>
      new UserError("SourceInvalid", `the repository's URL redirects ${what}`, FIELD);
    if (!URL.canParse(location, from.href)) throw wrong("to what is no URL");
    const target = new URL(location, from);
    if (!target.pathname.endsWith(`/${path}`)) throw wrong("to something else, as to a page for logging in");
    target.pathname = target.pathname.slice(0, -path.length - 1);
    target.search = "";
    target.hash = "";
    if (from.protocol === "https:" && target.protocol !== "https:") throw wrong("from https to http");
    const url = repositoryUrl(target.href);
    this.checkScheme(url);
    return url;
  }

  /** A password goes in the clear only where the settings say that the host is inside. */
  private checkScheme(url: URL): void {
    const { authorization, guard } = this.options;
    if (authorization !== undefined && url.protocol === "http:" && !guard.isInternal(url.hostname))
      throw new UserError("SourceInvalid", "a Secret is sent over https only; change http to https", FIELD);
  }

  private checkStatus(response: HttpResponse, type: string): void {
    const { status, headers } = response;
    if (status === 200 && headers["content-type"]?.split(";")[0]?.trim() === type) return;
    response.discard();
    const host = this.url.host;
    if (status === 429 || status >= 500)
      throw new InfrastructureError("SourceUnreachable", `${host} answers ${status}`);
    if (status === 401 || status === 403)
      throw new UserError(
        "SourceForbidden",
        `${host} answers ${status}; name a Secret that may read the repository in spec.source.git.secretRef`,
        FIELD,
      );
    if (status === 404 || status === 410)
      throw new UserError(
        "SourceNotFound",
        `${host} has no such repository, or only for those who log in (spec.source.git.secretRef)`,
        FIELD,
      );
    throw new UserError(
      "SourceInvalid",
      `${host} answers ${status} and not git's smart HTTP protocol; check the repository's URL`,
      FIELD,
    );
  }

  private async reading<T>(read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (error) {
      throw error instanceof PacketError
        ? new UserError("SourceInvalid", `${this.url.host}: ${error.message}`, FIELD)
        : error;
    }
  }
}

/** Writes a pack to a file, and compares the sum at its end. */
async function writeChecked(pack: AsyncIterable<Uint8Array>, file: string): Promise<void> {
  const sum = createHash("sha1");
  let last = Buffer.alloc(0);
  const handle = await open(file, "wx");
  try {
    for await (const chunk of pack) {
      await handle.writeFile(chunk);
      const bytes = Buffer.concat([last, chunk]);
      sum.update(bytes.subarray(0, -20));
      last = Buffer.from(bytes.subarray(-20));
    }
  } finally {
    await handle.close();
  }
  if (!sum.digest().equals(last))
    throw new InfrastructureError("SourceUnreachable", "the pack arrived damaged");
}
