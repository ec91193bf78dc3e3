import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { RegistryClient } from "../builder/registry/client";
import { type Login, loginOf, readDockerConfig } from "../builder/registry/login";
import type { ImageReference } from "../settings";

export interface RegistryAccess {
  /** Whether the registry speaks plain HTTP. */
  insecure: boolean;
  /** For the registry's own challenge, as `docker login` left it; undefined: anonymous. */
  login?: Login | undefined;
}

/**
 * The digest that a registry has for a tag now: `sha256:` and 64 hexadecimal digits, computed from the manifest's bytes
 * and held against what the registry says of them.
 * @throws Error whose message says what the registry answered
 */
export async function resolveDigest(
  { registry, repository, tag }: ImageReference,
  { insecure, login }: RegistryAccess,
): Promise<string> {
  const client = new RegistryClient({ registry, insecure, login: () => Promise.resolve(login), retries: 1 });
  const manifest = await client.manifest(repository, tag ?? "latest");
  if (!manifest) throw new Error(`${registry} answered 404 Not Found`);
  return manifest.digest;
}

/** What `docker login` keeps for a registry, where it keeps it in its own file and not in a credential helper. */
export function dockerLogin(registry: string): Login | undefined {
  const file = join(process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker"), "config.json");
  try {
    const config = readDockerConfig(readFileSync(file, "utf8"));
    return config && loginOf(config, registry);
  } catch {
    return undefined;
  }
}
