import { setTimeout as sleep } from "node:timers/promises";
import { API_GROUP } from "../../contract/names";
import { keyOf } from "../kubernetes/objects";
import { FUNCTIONS, type LambdaFunction, SERVICES } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import type { BuildJobs } from "./buildJobs";
import { hasEnded } from "./cluster";
import { type Context, AT_ONCE } from "./context";
import { Draft } from "./draft";

/** Keeps a function's object until what it has elsewhere is gone. The name is the public operator's. */
export const FINALIZER = `lambdafunction.${API_GROUP}/finalizer`;

/** Longest time that a registry is given to let a function's tags go, in milliseconds. */
const UNTAG_MS = 10_000;

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
    // A registry that is down keeps no function from going: a tag more is a few cents.
    await Promise.race([this.untag(deleting, signal), sleep(UNTAG_MS, undefined, { ref: false })]);
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

  private async untag(fn: LambdaFunction, signal: AbortSignal): Promise<void> {
    const { rollout } = this.args;
    await rollout.untag(fn, await rollout.staleTags(fn, [], signal), signal);
  }
}
