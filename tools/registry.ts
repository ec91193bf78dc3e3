import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ImageReference } from "../settings";

/** Manifests that a tag may stand for: an index of several platforms, or one image, in either format. */
const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const TIMEOUT_MS = 20_000;

export interface RegistryAccess {
  /** Whether the registry speaks plain HTTP. */
  insecure: boolean;
  /** `Authorization` header for the registry's own challenge, as `docker login` left it; undefined: anonymous. */
  authorization?: string | undefined;
}

/**
 * The digest that a registry has for a tag now: `sha256:` and 64 hexadecimal digits, computed from the manifest's bytes
 * and held against what the registry says of them.
 * @throws Error whose message says what the registry answered
 */
export async function resolveDigest(
  { registry, repository, tag }: ImageReference,
  access: RegistryAccess,
): Promise<string> {
  const url = `${access.insecure ? "http" : "https"}://${registry}/v2/${repository}/manifests/${tag ?? "latest"}`;
  let response = await ask(url, access.authorization);
  const challenge = response.headers.get("www-authenticate");
  if (response.status === 401 && challenge !== null && /^bearer /i.test(challenge)) {
    response = await ask(url, `Bearer ${await bearerToken(challenge, access)}`);
  }
  if (!response.ok) throw new Error(`${registry} answered ${response.status} ${response.statusText}`);
  const digest = `sha256:${createHash("sha256")
    .update(Buffer.from(await response.arrayBuffer()))
    .digest("hex")}`;
  const said = response.headers.get("docker-content-digest");
  if (said !== null && said !== digest)
    throw new Error(`${registry} says ${said} of a manifest whose digest is ${digest}`);
  return digest;
}

async function ask(url: string, authorization: string | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { accept: MANIFEST_TYPES, ...(authorization === undefined ? {} : { authorization }) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    const { cause, message } = error as Error;
    throw new Error(
      `${new URL(url).host} can't be reached: ${cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : message}`,
      { cause: error },
    );
  }
}

/** Asks the token service that a registry names, with the rights to pull that one repository. */
async function bearerToken(challenge: string, { authorization }: RegistryAccess): Promise<string> {
  const parameters = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]),
  );
  const { realm, service, scope } = parameters;
  if (realm === undefined)
    throw new Error("the registry asks for a token and names no service that gives one");
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  if (scope !== undefined) url.searchParams.set("scope", scope);
  const response = await ask(url.toString(), authorization);
  if (!response.ok) throw new Error(`${url.host} gave no token: ${response.status} ${response.statusText}`);
  const answer = (await response.json()) as { token?: string; access_token?: string };
  const token = answer.token ?? answer.access_token;
  if (token === undefined) throw new Error(`${url.host} answered without a token`);
  return token;
}

/** What `docker login` keeps for a registry, where it keeps it in its own file and not in a credential helper. */
export function dockerAuthorization(registry: string): string | undefined {
  const file = join(process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker"), "config.json");
  try {
    const { auths } = JSON.parse(readFileSync(file, "utf8")) as { auths?: Record<string, { auth?: string }> };
    const auth = auths?.[registry]?.auth;
    return auth === undefined ? undefined : `Basic ${auth}`;
  } catch {
    return undefined;
  }
}
