import { buildSelector, readRecord } from "../build/buildRecord";
import { keyOf } from "../kubernetes/objects";
import { FUNCTIONS, type Job, JOBS, type LambdaFunction } from "../kubernetes/resources";
import { hasEnded } from "./cluster";
import type { Context } from "./context";
import { assertCurrent } from "./current";
import type { Stage } from "./standing";

/** Finished Jobs stay for `kubectl logs`. */
const JOB_KEPT_MS = 60 * 60_000;
/** Finished Jobs of a function that stay. */
const MOST_JOBS = 10;

/** Ends and removes builds' Jobs. */
export class BuildJobs {
  constructor(private readonly args: Context) {}

  /** Ends builds that nobody waits for, and removes Jobs that could be looked at for long enough. */
  async tidy(fn: LambdaFunction, stage: Stage, signal: AbortSignal): Promise<void> {
    const { client, cluster } = this.args;
    const current = stage.stage === "building" ? stage.jobName : undefined;
    const jobs = cluster.jobs
      .by("function", keyOf(fn))
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined && metadata.name !== current);
    const ended = jobs.filter(hasEnded).sort((a, b) => endOf(b) - endOf(a));
    const past = this.args.now().getTime() - JOB_KEPT_MS;
    for (const job of ended.filter((one, index) => index >= MOST_JOBS || endOf(one) < past))
      await this.deleteJob(job, signal);
    const stray = jobs.filter((job) => !hasEnded(job));
    // Of a new generation it is not known yet whether it is the same build.
    if (stage.stage === "new" || stray.length === 0) return;
    await assertCurrent(client, fn, signal);
    for (const job of stray) await this.cancelJob(fn, job, signal);
  }

  /** A function's Jobs as they are now: one that was made a moment ago is in no watch yet. */
  async all(fn: LambdaFunction, signal: AbortSignal): Promise<Job[]> {
    const { client, environment } = this.args;
    const { name, namespace = "" } = fn.metadata;
    const labelSelector = buildSelector({ namespace, name });
    const { items } = await client.list(
      JOBS,
      { namespace: environment.BUILD_NAMESPACE, labelSelector },
      { signal },
    );
    return items.filter((job) => readRecord(job)?.uid === fn.metadata.uid);
  }

  /** Removes the Jobs of functions that are gone: one may have been made while its function went. */
  async removeOrphans(key: string, signal: AbortSignal): Promise<void> {
    const { client, cluster, log } = this.args;
    const jobs = cluster.jobs.by("function", key);
    const [namespace = "", name = ""] = key.split("/");
    if (jobs.length === 0) return;
    const fn = await client.get(FUNCTIONS, { namespace, name }, { signal });
    for (const job of jobs)
      if (readRecord(job)?.uid !== fn?.metadata.uid && (await this.deleteJob(job, signal)))
        log.info({ function: key, job: job.metadata.name }, "a build of a function that is gone is removed");
    // Who made the Job so late may have taken the lock as late, and the function's end has given up what there was before.
    if (fn === undefined) await this.args.lock.releaseAll({ namespace, name }, signal);
  }

  /** Has the lock of the image that a Job builds go with the Job. @returns Whether no other Job has the lock */
  async bindLock(job: Job, signal: AbortSignal): Promise<boolean> {
    const record = readRecord(job);
    return record === undefined || this.args.lock.bind(job, record.image, signal);
  }

  /**
   * Ends a build. One that has ended meanwhile is left: the watch may be behind, and its Job is the record of the image that it made.
   * @returns Whether it ran, and is ended now
   * @throws ApiError that `isConflict` where it ends just now
   */
  async cancelJob(fn: LambdaFunction, observed: Job, signal: AbortSignal): Promise<boolean> {
    const job = await this.args.client.get(JOBS, observed.metadata, { signal });
    if (job === undefined || job.metadata.uid !== observed.metadata.uid || hasEnded(job)) return false;
    const { resourceVersion } = job.metadata;
    await this.bindLock(job, signal);
    if (!(await this.deleteJob(job, signal, resourceVersion))) return false;
    this.args.log.info({ function: keyOf(fn), job: job.metadata.name }, "build cancelled");
    this.args.metrics.count("builds_total", {
      function_namespace: fn.metadata.namespace ?? "",
      strategy: "kaniko",
      result: "cancelled",
    });
    return true;
  }

  /** @param resourceVersion The one that it still has to have. @default whichever it has */
  async deleteJob(job: Job, signal: AbortSignal, resourceVersion?: string): Promise<boolean> {
    const { uid, deletionTimestamp } = job.metadata;
    if (deletionTimestamp !== undefined) return false;
    const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    return this.args.client.delete(JOBS, job.metadata, { preconditions, signal });
  }
}

/** When a Job ended, in milliseconds since 1970; one that doesn't say so has just done so. */
const endOf = ({ status }: Job): number => {
  const at = Date.parse(status?.completionTime ?? status?.conditions?.at(-1)?.lastTransitionTime ?? "");
  return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at;
};
