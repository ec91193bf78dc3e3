import { setTimeout as sleep } from "node:timers/promises";
import type { KubernetesLabels } from "../../contract/labels";
import { type Log, silent } from "../log";
import { isConflict } from "./apiError";
import type { KubernetesClient } from "./client";
import { LiveLeases } from "./liveLeases";
import { microTime } from "./objects";
import { Reflector } from "./reflector";
import { rendezvous } from "./rendezvous";
import { type Lease, LEASES } from "./resources";
import { TEMPLATE_VERSION_ANNOTATION } from "./stamp";

export interface OwnershipArgs {
  client: KubernetesClient;
  /** Where the Leases are: the builder's namespace. */
  namespace: string;
  /** Name of this replica, and of its Lease: the pod's. */
  identity: string;
  /** What the replicas' Leases carry, and no other Lease. */
  labels: KubernetesLabels;
  /** Version of this replica's templates. Its Lease says it to the others. @default 1 */
  templateVersion?: number;
  /** How long a renewal counts. @default 6 */
  leaseSeconds?: number;
  /** Time between renewals, in milliseconds. @default 2000 */
  renewMs?: number;
  log?: Log;
  /** Monotonic clock, in milliseconds. */
  now?: () => number;
}

/** Leases of replicas that are gone for longer are deleted by those that are there. */
const FORGET_AFTER_MS = 60_000;
/** How often the members are looked at: a Lease that ends is no event. */
const LOOK_MS = 500;

/**
 * Which replica a key is at home on. Each replica renews a Lease and watches the others'; a key belongs to one of the live ones. It is a
 * hint and never a lock: two replicas may think that a key is theirs, for as long as a Lease lasts, and nothing they write may rely on it.
 *
 * While the builder is upgraded, replicas of two template versions are live. What one of the higher version has worked on is at home on those
 * of that version, so that the lower doesn't undo it; once none of them is left, on any.
 */
export class Ownership {
  private readonly args: Required<OwnershipArgs>;
  private readonly reflector: Reflector<Lease>;
  private readonly leases: LiveLeases;
  private readonly handlers: ((members: readonly string[]) => void)[] = [];
  private renewedAt = Number.NEGATIVE_INFINITY;
  private told: readonly string[] = [];

  constructor(args: OwnershipArgs) {
    this.args = {
      templateVersion: 1,
      leaseSeconds: 6,
      renewMs: 2_000,
      log: silent,
      now: () => performance.now(),
      ...args,
    };
    const { client, namespace, labels, log, now } = this.args;
    this.leases = new LiveLeases(now);
    this.reflector = new Reflector({
      client,
      resource: LEASES,
      selection: {
        namespace,
        labelSelector: Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(","),
      },
      resyncMs: 0,
      log,
    });
    this.reflector.onChange(({ type, object }) => {
      const { name } = object.metadata;
      const { renewTime, holderIdentity, leaseDurationSeconds } = object.spec ?? {};
      if (type === "deleted" || (holderIdentity ?? "") === "") this.leases.remove(name);
      else
        this.leases.observe(
          name,
          `${object.metadata.uid ?? ""} ${renewTime ?? ""}`,
          (leaseDurationSeconds ?? this.args.leaseSeconds) * 1000,
        );
      this.look();
    });
  }

  /** The live replicas, sorted; this one among them only while its own renewals come through. */
  get members(): readonly string[] {
    const { identity, leaseSeconds, now } = this.args;
    const others = this.leases.live().filter((name) => name !== identity);
    return now() - this.renewedAt < leaseSeconds * 1000 ? [...others, identity].sort() : others;
  }

  /**
   * The replica on which a key is at home. Undefined: none is live.
   * @param templateVersion The version that the key's object was last worked on by
   */
  ownerOf(key: string, templateVersion = 1): string | undefined {
    const { members } = this;
    const able = members.filter((name) => this.versionOf(name) >= templateVersion);
    return rendezvous(able.length > 0 ? able : members, key);
  }

  /** Whether a replica of a higher template version than this one's may be live. */
  get laterLives(): boolean {
    const { templateVersion } = this.args;
    return !this.hasSynced || this.members.some((name) => this.versionOf(name) > templateVersion);
  }

  /** As `owns`, for many keys at one moment: who is live is found out once. */
  home(): (key: string) => boolean {
    const { members } = this;
    return (key) => rendezvous(members, key) === this.args.identity;
  }

  /** @param templateVersion As of `ownerOf` */
  owns(key: string, templateVersion = 1): boolean {
    return this.ownerOf(key, templateVersion) === this.args.identity;
  }

  /** Told of the members whenever they are others than before: keys may have come or gone. */
  onChange(handler: (members: readonly string[]) => void): void {
    this.handlers.push(handler);
  }

  /** Whether the other replicas are known. */
  get hasSynced(): boolean {
    return this.reflector.hasSynced;
  }

  /** Takes part until `stop` aborts, then gives the Lease up, so that the others need not wait for its end. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const look = setInterval(() => {
      this.look();
    }, LOOK_MS);
    await Promise.all([this.reflector.run(stop), this.renew(stop)]);
    clearInterval(look);
    await this.giveUp();
  }

  private async renew(stop: AbortSignal): Promise<void> {
    const { client, namespace, identity, labels, templateVersion, leaseSeconds, renewMs, log, now } =
      this.args;
    const annotations = { [TEMPLATE_VERSION_ANNOTATION]: String(templateVersion) };
    const stopped = (): boolean => stop.aborted;
    while (!stopped()) {
      const began = now();
      try {
        await client.apply(
          LEASES,
          {
            metadata: { namespace, name: identity, labels, annotations },
            spec: {
              holderIdentity: identity,
              leaseDurationSeconds: leaseSeconds,
              renewTime: microTime(new Date()),
            },
          },
          { priority: "lease", timeoutMs: renewMs, retries: 0, signal: stop },
        );
        // From when it was sent: the others may have seen it at any time since.
        this.renewedAt = began;
        this.look();
        await this.forgetDead(stop);
      } catch (error) {
        if (stopped()) break;
        log.warn({ err: error, lease: identity }, "the Lease could not be renewed");
      }
      await sleep(Math.max(0, renewMs - (now() - began)), undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** Each dead Lease has a live replica that is to delete it, as a key has. */
  private async forgetDead(signal: AbortSignal): Promise<void> {
    const { client, namespace, log } = this.args;
    for (const name of this.leases.dead(FORGET_AFTER_MS)) {
      if (!this.owns(name)) continue;
      const { uid, resourceVersion } = this.reflector.store.get(`${namespace}/${name}`)?.metadata ?? {};
      await client
        .delete(LEASES, { namespace, name }, { preconditions: { uid, resourceVersion }, signal })
        .catch((error: unknown) => {
          // It was renewed after all.
          if (!isConflict(error)) throw error;
        });
      log.info({ lease: name }, "a Lease that nobody renews is deleted");
    }
  }

  private async giveUp(): Promise<void> {
    const { client, namespace, identity, log } = this.args;
    this.renewedAt = Number.NEGATIVE_INFINITY;
    await client
      .delete(LEASES, { namespace, name: identity }, { priority: "lease", timeoutMs: 2_000, retries: 1 })
      .catch((error: unknown) => {
        log.warn({ err: error, lease: identity }, "the Lease could not be given up; it ends by itself");
      });
  }

  private versionOf(name: string): number {
    const { namespace, identity, templateVersion } = this.args;
    if (name === identity) return templateVersion;
    const lease = this.reflector.store.get(`${namespace}/${name}`);
    // One that says none is of a builder from before Leases said it.
    return Number(lease?.metadata.annotations?.[TEMPLATE_VERSION_ANNOTATION] ?? 1);
  }

  private look(): void {
    const members = this.members;
    if (members.length === this.told.length && members.every((name, index) => name === this.told[index]))
      return;
    this.told = members;
    for (const handler of this.handlers) handler(members);
  }
}
