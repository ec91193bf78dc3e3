import type { ImageNames } from "../contract/imageNames";
import { readImageReference } from "../settings/scalars";

/** Registries, other than the stack's own, that base images come from: host, with its port where it has one. Each once. */
export function baseRegistries({ registry, baseImages }: ImageNames): string[] {
  const hosts = Object.values(baseImages).flatMap((image: string | undefined) => {
    const read = image === undefined ? "is absent" : readImageReference(image);
    return typeof read === "string" || read.registry === registry ? [] : [read.registry];
  });
  return [...new Set(hosts)];
}

/** Docker Hub under each of its names: the API, the login, and where layers are served from. */
const DOCKER_HUB = [
  "index.docker.io",
  "registry-1.docker.io",
  "auth.docker.io",
  "production.cloudflare.docker.com",
  "production.cloudfront.docker.com",
  "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
];

/**
 * What a pull asks beside the registry's own host, of registries that are asked often.
 * Sources: https://docs.docker.com/desktop/setup/allow-list/, https://access.redhat.com/articles/7001746 (Quay), and for GitHub
 * https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
 */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  "docker.io": DOCKER_HUB,
  "index.docker.io": DOCKER_HUB,
  "registry-1.docker.io": DOCKER_HUB,
  "ghcr.io": ["pkg-containers.githubusercontent.com"],
  "quay.io": ["cdn.quay.io", "cdn01.quay.io", "cdn02.quay.io", "cdn03.quay.io"],
};

/** The hosts that a pull from a registry asks, as far as they are known. */
export const pullHosts = (host: string): string[] => [...new Set([host, ...(BESIDE[host] ?? [])])];
