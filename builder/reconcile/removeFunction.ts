import { API_GROUP, LIVE_TAG_PREFIX } from "../../contract/names";
import { withDeadline } from "../deadline";
import { keyOf } from "../kubernetes/objects";
import { FUNCTIONS, type LambdaFunction, SERVICES } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import { functionsRepository } from "../registry/buildCredential";
import { isTransient } from "../registry/registryError";
import { registryLayout } from "../registryLayout";
import { isLiveTagOf } from "../serve/liveTags";
import { InfrastructureError } from "../types";
import type { BuildJobs } from "./buildJobs";
import { hasEnded } from "./cluster";
import { type Context, AT_ONCE } from "./context";
import { Draft } from "./draft";

/** Keeps a function's object until what it has elsewhere is gone. The name is the public operator's. */
export const FINALIZER = `lambdafunction.${API_GROUP}/finalizer`;

/** Longest time that a registry is given to let a function's tags go, at each try, in milliseconds: other functions wait for the worker. */
const UNTAG_MS = 10_000;
/** A function is kept for so long for a registry that can't be reached. One that is gone for good is to keep nobody from deleting functions. */
const HELD_MS = 60 * 60_000;
/** Between two tries, as long as the function has been held, within these. */
const AGAIN_MS = { least: 2_000, most: 120_000 };

/** Removes what functions leave. */
export class RemoveFunction {
  constructor(
    private readonly args: Context,
    private readonly jobs: BuildJobs,
  ) {}

  async addFinalizer(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome> {
    const { client, writer } = this.args;
    const { resourceVersion, finalizers = [] } = fn.metadata;
    const written = await client.merge<LambdaFunction>(
      FUNCTIONS,
      fn.metadata,
      { metadata: { resourceVersion, finalizers: [...finalizers, FINALIZER] } },
      { signal },
    );
    writer.wrote(written);
    return AT_ONCE;
  }

  /** Cancels what is being built and removes what the function owns, then lets its object go. */
  async remove(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome | undefined> {
    const { client, writer, rollout, log } = this.args;
    if (!fn.metadata.finalizers?.includes(FINALIZER)) return undefined;
    const deleting =
      fn.status?.phase === "Deleting"
        ? fn
        : await writer.write(new Draft(fn, this.args.now).in("Deleting"), signal);
    for (const job of await this.jobs.all(deleting, signal))
      if (hasEnded(job) || !(await this.jobs.cancelJob(deleting, job, signal)))
        await this.jobs.deleteJob(job, signal);
    const { name, namespace = "" } = deleting.metadata;
    await this.args.lock.releaseAll({ namespace, name }, signal);
    const service = rollout.service(deleting);
    if (service && service.metadata.deletionTimestamp === undefined)
      await client.delete(SERVICES, service.metadata, {
        preconditions: { uid: service.metadata.uid },
        signal,
      });
    const again = await this.untag(deleting, signal);
    if (again !== undefined) return again;
    const finalizers = deleting.metadata.finalizers?.filter((name) => name !== FINALIZER) ?? [];
    await client.merge(
      FUNCTIONS,
      deleting.metadata,
      { metadata: { resourceVersion: deleting.metadata.resourceVersion, finalizers } },
      { signal },
    );
    writer.forget(keyOf(fn));
    log.info({ function: keyOf(fn) }, "function removed");
    return undefined;
  }

  /**
   * Takes off the tags that keep a function's images from being expired. Once the function is gone nobody else does: they would be kept, and paid for, for
   * ever. So the function is held until its registry can be reached, but not by one that refuses, nor for longer than an hour.
   * @returns When to try again; undefined where the function may go
   */
  private async untag(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome | undefined> {
    const { registries, environment, untag, writer, log, now } = this.args;
    const { name, namespace = "", deletionTimestamp = "" } = fn.metadata;
    const full = functionsRepository(registryLayout(environment), namespace);
    const repository = full.slice(environment.REGISTRY.length + 1);
    try {
      await withDeadline(UNTAG_MS, signal, async (until) => {
        const tags = await registries.platform(namespace).tags(repository, { signal: until });
        for (const tag of tags) if (isLiveTagOf(name, tag)) await untag(namespace, repository, tag, until);
      });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const heldMs = now().getTime() - Date.parse(deletionTimestamp);
      const held = !refuses(error) && heldMs < HELD_MS;
      const tags = `${full}:${LIVE_TAG_PREFIX}${name}-*`;
      log.warn(
        { err: error, function: keyOf(fn), tags },
        held ? "a function's tags can't be taken off yet: it is held" : "a function's tags stay",
      );
      if (!held) return undefined;
      const reason = error instanceof InfrastructureError ? error.reason : "RegistryTimeout";
      const words = `it goes once its images' tags are taken off, or after an hour at the most: ${(error as Error).message}`;
      await writer.write(
        new Draft(fn, now).in("Deleting").say("DeployReady", "Unknown", reason, words),
        signal,
      );
      return { againAfterMs: Math.min(Math.max(heldMs, AGAIN_MS.least), AGAIN_MS.most) };
    }
  }
}

/** Whether a registry was reached, and said no: it would say so again. */
const refuses = (error: unknown): boolean =>
  error instanceof InfrastructureError && error.reason === "RegistryRefused" && !isTransient(error);
