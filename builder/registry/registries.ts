import type { Dispatcher } from "undici";
import type { LoginSource } from "./login";
import { RegistryClient } from "./client";
import { readImageReference } from "../../settings/scalars/imageReference";
import { InfrastructureError } from "../types";

export interface RegistriesArgs {
  /** The platform's registry: host, with its port where it has one. */
  registry: string;
  insecure: boolean;
  /** The builder's login for a namespace's repositories in it. */
  login: (namespace: string) => LoginSource;
  dispatcher?: Dispatcher | undefined;
  /** Told of each answer by which a registry asks for patience. */
  onThrottled?: (() => void) | undefined;
  /** How long a tag of a base image is taken for the digest that it had, in milliseconds. @default 300000 */
  keepMs?: number;
  now?: () => number;
}

/** Clients of the registries that a build has to do with: the platform's with its login, others anonymously. */
export class Registries {
  private readonly clients = new Map<string, RegistryClient>();
  private readonly digests = new Map<string, { digest: string; at: number }>();

  constructor(private readonly args: RegistriesArgs) {}

  /** The platform's registry, as a namespace may use it. */
  platform(namespace: string): RegistryClient {
    const { registry, insecure, login, onThrottled } = this.args;
    return this.client(
      `${registry} ${namespace}`,
      () => new RegistryClient({ registry, insecure, login: login(namespace), onThrottled }),
    );
  }

  /** An image by its digest: the reference itself where it has one. Undefined where the registry has no such tag. */
  async pinned(image: string, namespace: string, signal: AbortSignal): Promise<string | undefined> {
    const { keepMs = 300_000, now = () => performance.now() } = this.args;
    const read = readImageReference(image);
    if (typeof read === "string") throw new InfrastructureError("BaseImageInvalid", `image ${image} ${read}`);
    const name = `${read.registry}/${read.repository}`;
    if (read.digest !== undefined) return `${name}@${read.digest}`;
    const known = this.digests.get(image);
    if (known && now() - known.at < keepMs) return `${name}@${known.digest}`;
    const manifest = await this.of(read.registry, namespace).manifest(read.repository, read.tag ?? "latest", {
      signal,
    });
    if (!manifest) return undefined;
    this.digests.set(image, { digest: manifest.digest, at: now() });
    return `${name}@${manifest.digest}`;
  }

  private of(host: string, namespace: string): RegistryClient {
    if (host === this.args.registry) return this.platform(namespace);
    const registry = host === "docker.io" ? "registry-1.docker.io" : host;
    const { onThrottled } = this.args;
    return this.client(registry, () => new RegistryClient({ registry, insecure: false, onThrottled }));
  }

  private client(key: string, make: () => RegistryClient): RegistryClient {
    const known = this.clients.get(key);
    if (known) return known;
    const made = make();
    this.clients.set(key, made);
    return made;
  }
}
