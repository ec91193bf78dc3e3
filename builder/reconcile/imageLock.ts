import { buildLabels, buildSelector } from "../build/buildRecord";
import { hashOf } from "../build/hash";
import { ApiError, isAlreadyExists, isConflict } from "../kubernetes/apiError";
import type { KubernetesClient, PatchOperation } from "../kubernetes/client";
import { microTime } from "../kubernetes/objects";
import { type Job, JOBS, type Lease, LEASES } from "../kubernetes/resources";
import type { FunctionKey } from "../types";
import { hasEnded } from "./cluster";

export interface ImageLockArgs {
  client: KubernetesClient;
  /** Namespace of the builds. */
  namespace: string;
  now: () => Date;
  /** Monotonic clock, in milliseconds. */
  clock?: () => number;
}

/** How long a holder may be without its Job: it makes it at once, unless it is ended or stopped in between. */
const WITHOUT_JOB_MS = 60_000;

/**
 * Who builds an image: one Job at a time, whichever functions and attempts want it and whichever replicas work on them. A Lease by the image's name
 * says which Job. It holds as long as that Job runs, so that nobody renews it, and goes with the Job.
 */
export class ImageLock {
  /** Locks whose Job was not found, and since when this process knows. */
  private readonly jobless = new Map<string, { version: string; at: number }>();

  constructor(private readonly args: ImageLockArgs) {}

  /**
   * Takes the lock for a Job that is about to be made, or that was made already.
   * @returns Undefined where it is the Job's now, else the name of the Job that has it
   */
  async take(image: string, of: FunctionKey, job: string, signal: AbortSignal): Promise<string | undefined> {
    const { client, namespace, now } = this.args;
    const key = { namespace, name: lockName(image) };
    const labels = buildLabels(of);
    const held = { holderIdentity: job, acquireTime: microTime(now()) };
    try {
      await client.create(LEASES, { metadata: { ...key, labels }, spec: held }, { signal });
      return undefined;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const lease = await client.get(LEASES, key, { signal });
    const holder = lease?.spec?.holderIdentity ?? "";
    if (holder === job) return undefined;
    if (lease === undefined || (await this.isHeld(lease, holder, signal))) return holder;
    try {
      const { resourceVersion } = lease.metadata;
      // Its owner is the Job that had it: it is not to take the lock along when it goes.
      await client.merge(
        LEASES,
        key,
        { metadata: { resourceVersion, labels, ownerReferences: null }, spec: held },
        { signal },
      );
      return undefined;
    } catch (error) {
      if (isConflict(error)) return holder;
      throw error;
    }
  }

  /**
   * Has the lock go with the Job that has it.
   * @returns Whether no other Job has it: its maker may have been stopped for so long between lock and Job that another's took it
   */
  async bind({ metadata }: Job, image: string, signal: AbortSignal): Promise<boolean> {
    const { client, namespace } = this.args;
    const owner = { apiVersion: "batch/v1", kind: "Job", name: metadata.name, uid: metadata.uid ?? "" };
    const operations: PatchOperation[] = [
      { op: "test", path: "/spec/holderIdentity", value: metadata.name },
      { op: "add", path: "/metadata/ownerReferences", value: [owner] },
    ];
    try {
      await client.patch(LEASES, { namespace, name: lockName(image) }, operations, { signal });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A test that fails is answered with 422. What is nobody's is not another's.
      if (error.code === 422) return false;
      if (error.code === 404) return true;
      throw error;
    }
  }

  /** Gives a lock up that no Job came of. */
  async release(image: string, signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.args;
    await client.delete(LEASES, { namespace, name: lockName(image) }, { signal });
  }

  /** Gives up what a function that goes has left: the locks that no Job came of. */
  async releaseAll(of: FunctionKey, signal: AbortSignal): Promise<void> {
    const { client, namespace } = this.args;
    const { items } = await client.list(LEASES, { namespace, labelSelector: buildSelector(of) }, { signal });
    for (const { metadata } of items)
      if ((metadata.ownerReferences ?? []).length === 0)
        await client.delete(LEASES, metadata, { preconditions: { uid: metadata.uid }, signal });
  }

  private async isHeld(lease: Lease, holder: string, signal: AbortSignal): Promise<boolean> {
    const { client, namespace, clock = () => performance.now() } = this.args;
    const { name } = lease.metadata;
    const job = await client.get(JOBS, { namespace, name: holder }, { signal });
    if (job !== undefined) {
      this.jobless.delete(name);
      return !hasEnded(job);
    }
    // By this process's own clock: those of two machines are never compared.
    const version = lease.metadata.resourceVersion ?? "";
    const known = this.jobless.get(name);
    if (known?.version !== version) this.jobless.set(name, { version, at: clock() });
    else if (clock() - known.at >= WITHOUT_JOB_MS) {
      this.jobless.delete(name);
      return false;
    }
    return true;
  }
}

/** A name for any image's. */
export const lockName = (image: string): string => `build-${hashOf([image]).slice(0, 40)}`;
