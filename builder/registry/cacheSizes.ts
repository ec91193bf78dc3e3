import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../contract/environment";
import { type Log, silent } from "../log";
import { registryLayout } from "../registryLayout";
import { cacheRepository } from "./buildCredential";
import type { RegistryClient } from "./client";
import { type Descriptor, readManifest } from "./manifest";

export interface CacheSizesArgs {
  environment: Environment;
  /** The platform's registry, as a namespace may use it. */
  registry: (namespace: string) => Pick<RegistryClient, "tags" | "manifest">;
  /** Namespaces that have functions. */
  namespaces: () => readonly string[];
  /** Whether a key is at home on this replica: one of them counts a namespace's cache. */
  owns: (key: string) => boolean;
  log?: Log;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

/** A cache grows by builds and shrinks by its lifecycle, once a day: this is often enough to see both. */
const KEPT_MS = 15 * 60_000;
/** How soon a namespace is counted that is new here. */
const LOOK_MS = 10_000;
/** Entries whose manifests are read in one look: the first of a large cache is spread over several. */
const MOST_NEW = 500;

/** Counts what the registry stores of the layer caches: no registry says it, and the storage is paid for. */
export class CacheSizes {
  /** What each entry of a repository stores, by its tag. Kaniko's tags are hashes of what made a layer: under one there is always that. */
  private readonly entries = new Map<string, Map<string, readonly Descriptor[]>>();
  private readonly bytes = new Map<string, number>();
  private readonly countedAt = new Map<string, number>();

  constructor(private readonly args: CacheSizesArgs) {}

  /** Bytes by namespace, of the namespaces at home here; of a shared cache under "". */
  get sizes(): ReadonlyMap<string, number> {
    return new Map([...this.bytes].filter(([namespace]) => this.args.owns(keyOf(namespace))));
  }

  /** Runs until `stop` aborts. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const stopped = (): boolean => stop.aborted;
    while (!stopped()) {
      await this.look(stop).catch(() => undefined);
      await sleep(LOOK_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** Counts the caches of namespaces that have not been counted of late. @throws Only what `signal` aborts with */
  async look(signal: AbortSignal): Promise<void> {
    const { environment, namespaces, owns, log = silent, now = () => performance.now() } = this.args;
    if (!environment.KANIKO_CACHE) return;
    const shared = environment.KANIKO_CACHE_SCOPE === "shared";
    for (const namespace of shared ? [""] : namespaces()) {
      const since = now() - (this.countedAt.get(namespace) ?? Number.NEGATIVE_INFINITY);
      if (since < KEPT_MS || !owns(keyOf(namespace))) continue;
      this.countedAt.set(namespace, now());
      try {
        this.bytes.set(namespace, await this.count(namespace, signal));
      } catch (error) {
        // A figure for a panel: an old one is better than none, and no build waits for it.
        signal.throwIfAborted();
        log.debug({ err: error, namespace }, "a cache could not be counted");
      }
    }
  }

  private async count(namespace: string, signal: AbortSignal): Promise<number> {
    const { environment, registry } = this.args;
    const full = cacheRepository(registryLayout(environment), namespace);
    const repository = full.slice(environment.REGISTRY.length + 1);
    const client = registry(namespace);
    const known = this.entries.get(repository) ?? new Map<string, readonly Descriptor[]>();
    const now = new Map<string, readonly Descriptor[]>();
    let read = 0;
    for (const tag of await client.tags(repository, { signal })) {
      const entry = known.get(tag);
      if (entry !== undefined) now.set(tag, entry);
      else if (read < MOST_NEW) {
        read += 1;
        const stored = await client.manifest(repository, tag, { signal });
        const manifest = stored && readManifest(stored);
        if (manifest && "layers" in manifest) now.set(tag, [manifest.config, ...manifest.layers]);
      }
    }
    this.entries.set(repository, now);
    // A layer that several entries share is stored once.
    const blobs = new Map([...now.values()].flat().map(({ digest, size }) => [digest, size]));
    return [...blobs.values()].reduce((sum, size) => sum + size, 0);
  }
}

const keyOf = (namespace: string): string => `cache of ${namespace}`;
