import { readRecord } from "../build/buildRecord";
import { keyOf } from "../kubernetes/objects";
import { type Job, JOBS, type LambdaFunction } from "../kubernetes/resources";
import { hasEnded, jobsOf } from "./cluster";
import type { Context } from "./context";
import type { Stage } from "./standing";

/** Finished Jobs stay for `kubectl logs`. */
const JOB_KEPT_MS = 60 * 60_000;
/** Finished Jobs of a function that stay. */
const MOST_JOBS = 10;

/** Ends and removes builds' Jobs. */
export class BuildJobs {
  constructor(private readonly args: Context) {}

  /** Ends builds that are of another spec, and removes Jobs that could be looked at for long enough. */
  async tidy(fn: LambdaFunction, stage: Stage, signal: AbortSignal): Promise<void> {
    const current = stage.stage === "building" ? stage.jobName : fn.status?.buildStatus?.jobName;
    const jobs = jobsOf(this.args.cluster, fn).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
    const ended = jobs.filter(hasEnded).sort((a, b) => endOf(b) - endOf(a));
    const past = this.args.now().getTime() - JOB_KEPT_MS;
    for (const job of ended.filter((one, index) => index >= MOST_JOBS || endOf(one) < past))
      if (stage.stage !== "building" || job.metadata.name !== current) await this.deleteJob(job, signal);
    // Of a new generation it is not known yet whether it is the same build.
    if (stage.stage === "new") return;
    for (const job of jobs)
      if (!hasEnded(job) && job.metadata.name !== current && isOfEarlier(job, fn))
        await this.cancelJob(fn, job, signal);
  }

  async cancelJobs(fn: LambdaFunction, signal: AbortSignal): Promise<void> {
    for (const job of jobsOf(this.args.cluster, fn))
      if (!hasEnded(job)) await this.cancelJob(fn, job, signal);
  }

  private async cancelJob(fn: LambdaFunction, job: Job, signal: AbortSignal): Promise<void> {
    if (!(await this.deleteJob(job, signal))) return;
    this.args.log.info({ function: keyOf(fn), job: job.metadata.name }, "build cancelled");
    this.args.metrics.count("builds_total", {
      function_namespace: fn.metadata.namespace ?? "",
      strategy: "kaniko",
      result: "cancelled",
    });
  }

  async deleteJob(job: Job, signal: AbortSignal): Promise<boolean> {
    if (job.metadata.deletionTimestamp !== undefined) return false;
    return this.args.client.delete(JOBS, job.metadata, { preconditions: { uid: job.metadata.uid }, signal });
  }
}

/** When a Job ended, in milliseconds since 1970; one that doesn't say so has just done so. */
const endOf = ({ status }: Job): number => {
  const at = Date.parse(status?.completionTime ?? status?.conditions?.at(-1)?.lastTransitionTime ?? "");
  return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at;
};

const isOfEarlier = (job: Job, { metadata }: LambdaFunction): boolean =>
  (readRecord(job)?.generation ?? 0) < (metadata.generation ?? 0);
