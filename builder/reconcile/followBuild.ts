import { readRecord } from "../build/buildRecord";
import { type BuildFailure, logCommand, neverScheduled, RESULT_OF, unscheduled } from "../build/failure";
import { saysThrottled } from "../build/logFailure";
import { hashOf } from "../build/hash";
import { MAX_ATTEMPTS, nextAttemptMs } from "../build/retry";
import { keyOf, keyText } from "../kubernetes/objects";
import { type Job, JOBS, type LambdaFunction, type Pod, PODS } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import { InfrastructureError } from "../types";
import type { BeginBuild } from "./beginBuild";
import type { BuildJobs } from "./buildJobs";
import { CONTROLLER_UID_LABEL, hasEnded, isComplete, isOf, lastOf, podOf } from "./cluster";
import { type Context, AT_ONCE, draftOf } from "./context";
import type { Draft } from "./draft";
import { cacheNumbers, type Ended } from "./endBuild";
import { remember } from "./history";
import { presently, type Stage } from "./standing";

/** A pod that waits for its image says nothing more; it is looked at until the wait counts as a failure. */
const WAITING_MS = 10_000;

/** Follows builds to their end, and has those begun again that another attempt may mend. */
export class FollowBuild {
  constructor(
    private readonly args: Context,
    private readonly beginning: BeginBuild,
    private readonly jobs: BuildJobs,
  ) {}

  async watchBuild(
    fn: LambdaFunction,
    { jobName, attempt }: Extract<Stage, { stage: "building" }>,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { client, cluster, environment, end, writer, log } = this.args;
    const key = { namespace: environment.BUILD_NAMESPACE, name: jobName };
    const seen = cluster.jobs.get(keyText(key));
    if (isOf(fn, seen) && end.runsOn(seen, podOf(cluster, seen)))
      return this.running(fn, seen, attempt, signal);

    // The watches may be behind, each by a time of its own: of another Job that had the name, or of a pod that has ended. What a build
    // comes to is decided from what is there now.
    const job = await client.get(JOBS, key, { signal });
    if (!isOf(fn, job)) {
      log.warn({ function: keyOf(fn), job: jobName }, "a build's job is gone: it is begun again");
      return this.beginning.begin(fn, attempt, signal);
    }
    const ended = await this.look(fn, job, signal);
    if (ended.kind === "running") return this.running(fn, job, attempt, signal);
    if (!isSaidToRun(fn)) await this.jobs.bindLock(job, signal);
    if (ended.kind === "failed") return this.failed(fn, job, attempt, ended, signal);
    const { success } = ended;
    const draft = draftOf(this.args, fn)
      .in("Deploying")
      .say(
        "BuildReady",
        "True",
        "ImageBuilt",
        `built in ${success.durationSeconds.toFixed(1)} s and verified at the registry`,
      )
      .builds({
        jobName,
        attempt,
        strategy: "kaniko",
        imageURI: success.image,
        digest: success.digest,
        templateVersion: success.record.templateVersion,
        startedAt: success.startedAt.toISOString(),
        completedAt: success.completedAt.toISOString(),
        durationSeconds: success.durationSeconds,
        ...cacheNumbers(success.cache),
        ...(success.size.unpacked === undefined ? {} : { imageSizeBytes: success.size.unpacked }),
        compressedSizeBytes: success.size.compressed,
      });
    await this.remember(fn, draft, "Succeeded", undefined, signal);
    await writer.write(draft, signal);
    end.observe(success);
    this.args.tracing.say(fn, {
      name: "build",
      from: success.startedAt,
      to: success.completedAt,
      attributes: { "build.job": jobName, "build.attempt": attempt, "build.digest": success.digest },
    });
    log.info(
      {
        function: keyOf(fn),
        job: jobName,
        seconds: success.durationSeconds,
        image: success.image,
        correlationId: success.record.correlationId,
      },
      "build succeeded",
    );
    return AT_ONCE;
  }

  /** How a build has come out. As long as the registry doesn't tell, it is said why: the build itself has nothing more to say. */
  private async look(fn: LambdaFunction, job: Job, signal: AbortSignal): Promise<Ended> {
    try {
      return await this.args.end.look(job, await this.lastPod(job, signal), signal);
    } catch (error) {
      if (error instanceof InfrastructureError && isComplete(job) && !signal.aborted) {
        const message = `job ${job.metadata.name} is done, and its image can't be verified: ${error.message}`;
        await this.beginning.sayTriedAgain(fn, { reason: error.reason, message }, signal);
      }
      throw error;
    }
  }

  /** Before the status says it: who comes after a replica that is ended in between does both again. */
  private remember(
    fn: LambdaFunction,
    draft: Draft,
    result: string,
    failedLog: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const build = { generation: fn.metadata.generation ?? 0, result, ...draft.buildStatus };
    return remember(this.args, fn, build, failedLog, signal);
  }

  private async running(
    fn: LambdaFunction,
    job: Job,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { cluster, writer } = this.args;
    const { startTime } = job.status ?? {};
    const pod = podOf(cluster, job);
    if (job.spec?.suspend !== true && startTime !== undefined) {
      // Here and not where the Job is made: who made it may have been ended right after.
      if (!isSaidToRun(fn) && !(await this.jobs.bindLock(job, signal)))
        return this.giveWay(fn, job, attempt, signal);
      // Without a pod nothing new is known: the deadline takes it away before it is said.
      if (pod === undefined && isSaid(fn, WAITS)) return undefined;
      const waits = unscheduled(pod);
      const [reason, words] =
        waits === undefined
          ? [RUNNING, `follow it with ${logCommand(job.metadata.name)}`]
          : [WAITS, `no node has room for job ${job.metadata.name} yet: ${waits}`];
      await writer.write(
        draftOf(this.args, fn)
          .in("Building")
          .say("BuildReady", "Unknown", reason, words)
          .built({ startedAt: new Date(startTime).toISOString() }),
        signal,
      );
    }
    return waitsForImage(pod) ? { againAfterMs: WAITING_MS } : undefined;
  }

  /** Another Job builds the same, which has the lock: one build is enough. */
  private async giveWay(
    fn: LambdaFunction,
    job: Job,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const key = { function: keyOf(fn), job: job.metadata.name };
    this.args.log.warn(key, "another job builds the same image: this one, which came too late, is ended");
    await this.jobs.cancelJob(fn, job, signal);
    return this.beginning.begin(fn, attempt, signal);
  }

  private async lastPod(job: Job, signal: AbortSignal): Promise<Pod | undefined> {
    const { client, environment } = this.args;
    const { items } = await client.list(
      PODS,
      {
        namespace: environment.BUILD_NAMESPACE,
        labelSelector: `${CONTROLLER_UID_LABEL}=${job.metadata.uid ?? ""}`,
      },
      { signal },
    );
    return lastOf(items);
  }

  private async failed(
    fn: LambdaFunction,
    job: Job,
    attempt: number,
    ended: { failure: BuildFailure; log: string | undefined },
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { writer, metrics, log, now } = this.args;
    const text = ended.log;
    // With the deadline its pod goes: that it never had a node is known from what was said of it last.
    const failure =
      ended.failure.kind === "Deadline" && isSaid(fn, WAITS) ? neverScheduled(ended.failure) : ended.failure;
    const name = job.metadata.name;
    const again = nextAttemptMs(failure, attempt, randomOf(name));
    const lines = failure.log.length === 0 ? "" : `\n${failure.log.join("\n")}`;
    const draft = draftOf(this.args, fn).built({
      jobName: name,
      attempt,
      completedAt: now().toISOString(),
      error: `${failure.message}${lines}`,
    });
    if (again === undefined)
      draft
        .in("Failed")
        .say("BuildReady", "False", failure.reason, `${failure.message}; ${logCommand(name)}`);
    else
      draft
        .in("Building")
        .say(
          "BuildReady",
          "Unknown",
          failure.reason,
          `${failure.message}; attempt ${attempt + 1} of ${MAX_ATTEMPTS[failure.kind]} follows`,
        );
    await this.remember(fn, draft, failure.reason, text ?? failure.log.join("\n"), signal);
    await writer.write(draft, signal);
    this.args.tracing.say(fn, {
      name: "build",
      from: new Date(job.status?.startTime ?? job.metadata.creationTimestamp ?? this.args.now()),
      to: now(),
      attributes: { "build.job": name, "build.attempt": attempt },
      error: failure.reason,
    });
    if (saysThrottled(text)) metrics.count("registry_throttled_total", { seen_by: "build" });
    if (again === undefined)
      metrics.count("builds_total", {
        function_namespace: fn.metadata.namespace ?? "",
        strategy: "kaniko",
        result: RESULT_OF[failure.kind],
      });
    log.warn(
      {
        function: keyOf(fn),
        job: name,
        attempt,
        reason: failure.reason,
        again,
        correlationId: readRecord(job)?.correlationId,
      },
      failure.message,
    );
    // One that waits for an image would wait for ever, and hold its place in the quota.
    if (!hasEnded(job)) await this.jobs.deleteJob(job, signal);
    return again === undefined ? undefined : { againAfterMs: again };
  }

  retry(
    fn: LambdaFunction,
    { jobName, attempt, failedAt }: Extract<Stage, { stage: "retrying" }>,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    // The failure's kind is not needed: that there is another attempt was decided when it failed.
    const wait = nextAttemptMs({ kind: "Evicted", retry: true }, attempt, randomOf(jobName)) ?? 0;
    const left = failedAt + wait - this.args.now().getTime();
    return left > 0 ? Promise.resolve({ againAfterMs: left }) : this.beginning.begin(fn, attempt + 1, signal);
  }
}

const RUNNING = "BuildRunning";
const WAITS = "BuildWaitsForNode";

const isSaid = (fn: LambdaFunction, reason: string): boolean =>
  presently(fn, "BuildReady")?.reason === reason;

/** Whether its Job was seen as admitted. */
const isSaidToRun = (fn: LambdaFunction): boolean => isSaid(fn, RUNNING) || isSaid(fn, WAITS);

const waitsForImage = (pod: Pod | undefined): boolean =>
  [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])].some(
    ({ state }) => state?.waiting?.reason !== undefined && state.waiting.reason !== "PodInitializing",
  );

/** A number in [0, 1) that is a name's own: the time of an attempt is the same whoever computes it. */
const randomOf = (name: string): number => Number.parseInt(hashOf(name).slice(0, 8), 16) / 2 ** 32;
