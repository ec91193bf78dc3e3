import { setTimeout as sleep } from "node:timers/promises";
import { actedAnnotation } from "../../contract/annotations";
import type { Environment } from "../../contract/environment";
import { API_GROUP } from "../../contract/names";
import { decide } from "../build/decision";
import { type BuildFailure, logCommand, RESULT_OF } from "../build/failure";
import { hashOf } from "../build/hash";
import { readRecord } from "../build/buildRecord";
import { MAX_ATTEMPTS, nextAttemptMs } from "../build/retry";
import { ApiError, isConflict } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { keyOf } from "../kubernetes/objects";
import { FUNCTIONS, type Job, JOBS, type LambdaFunction, SERVICES } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import { functionsRepository } from "../registry/buildCredential";
import type { Tracing } from "../tracing";
import type { Registries } from "../registry/registries";
import { registryLayout } from "../registryLayout";
import { startFailure } from "../serve/startFailure";
import { serviceState } from "../serve/serviceState";
import { InfrastructureError, UserError } from "../types";
import { type Cluster, hasEnded, jobsOf, podOf } from "./cluster";
import { type Due, dueCommands, HELD_IMAGE_ANNOTATION, heldImage, holdText } from "./commands";
import { Draft } from "./draft";
import { cacheNumbers, type EndBuild } from "./endBuild";
import { remember } from "./history";
import { imageOf } from "./imageSource";
import { specHonoured } from "./noEffect";
import type { PrepareBuild } from "./prepareBuild";
import type { Rollout } from "./rollout";
import { type Stage, stageOf } from "./standing";
import type { StartBuild } from "./startBuild";
import type { StatusWriter } from "./statusWriter";

/** Keeps a function's object until what it has elsewhere is gone. The name is the public operator's. */
export const FINALIZER = `lambdafunction.${API_GROUP}/finalizer`;

export interface ReconcilerArgs {
  client: KubernetesClient;
  environment: Environment;
  cluster: Cluster;
  registries: Registries;
  prepare: PrepareBuild;
  start: StartBuild;
  end: EndBuild;
  rollout: Rollout;
  writer: StatusWriter;
  metrics: Metrics;
  tracing: Pick<Tracing, "say">;
  log: Log;
  now: () => Date;
}

/** After a write of its own the next look may be at once. */
const AT_ONCE: Outcome = { againAfterMs: 0 };
/** A pod that waits for its image says nothing more; it is looked at until the wait counts as a failure. */
const WAITING_MS = 10_000;
const SAME_BUILD_MS = 1_000;
/** Finished Jobs stay for `kubectl logs`. */
const JOB_KEPT_MS = 60 * 60_000;
/** Finished Jobs of a function that stay. */
const MOST_JOBS = 10;

/** Brings a function to where its spec wants it, one step at a time: observe, decide, write. Every step may be repeated. */
export class Reconciler {
  constructor(private readonly args: ReconcilerArgs) {}

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome | undefined> {
    const { cluster, writer } = this.args;
    const seen = cluster.functions.get(key);
    if (seen === undefined) {
      writer.forget(key);
      return undefined;
    }
    const fn = writer.newest(seen);
    try {
      if (fn.metadata.deletionTimestamp !== undefined) return await this.remove(fn, signal);
      if (!fn.metadata.finalizers?.includes(FINALIZER)) return await this.addFinalizer(fn, signal);
      const [due] = dueCommands(fn);
      if (due) return await this.obey(fn, due, signal);
      return await this.step(fn, signal);
    } catch (error) {
      // Somebody else has written: their change is on its way to us.
      if (isConflict(error)) return { againAfterMs: 200 };
      throw error;
    }
  }

  private async step(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome | undefined> {
    this.args.metrics.expect(fn.metadata.namespace ?? "");
    const stage = stageOf(fn);
    await this.tidy(fn, stage, signal);
    switch (stage.stage) {
      case "new":
        return this.begin(fn, 1, signal);
      case "building":
        return this.watchBuild(fn, stage, signal);
      case "retrying":
        return this.retry(fn, stage, signal);
      case "built":
        return this.serve(fn, heldImage(fn) ?? stage.image, signal);
      case "failed":
        return this.reportService(fn, signal);
    }
  }

  private draft(fn: LambdaFunction): Draft {
    const { status, reason, message } = specHonoured(fn.spec);
    return new Draft(fn, this.args.now).say("SpecHonoured", status, reason, message);
  }

  /** Reads the source, and finds its image or has it built. */
  private async begin(
    fn: LambdaFunction,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { writer, prepare, start, end, cluster, environment, metrics, log, now } = this.args;
    const { source } = fn.spec;
    const namespace = fn.metadata.namespace ?? "";
    try {
      if (source.type === "image") return await this.takeImage(fn, signal);
      const prepared = await prepare.prepare(fn, signal);
      const decision = decide({ imageDigest: prepared.imageDigest });
      const draft = this.draft(fn).say("SourceReady", "True", "SourceRead", `read at ${prepared.revision}`);
      if (decision.strategy === "reuse") {
        const { unpacked, compressed } = await end.size(
          namespace,
          prepared.repository,
          decision.digest,
          signal,
        );
        const image = `${functionsRepository(registryLayout(environment), namespace)}@${decision.digest}`;
        const at = now().toISOString();
        draft
          .in("Deploying")
          .say(
            "BuildReady",
            "True",
            "ImageReused",
            "an image of the same source and runtime is there: nothing is built",
          )
          .builds({
            strategy: "reuse",
            imageURI: image,
            digest: decision.digest,
            completedAt: at,
            compressedSizeBytes: compressed,
            ...(unpacked === undefined ? {} : { imageSizeBytes: unpacked }),
          });
        const written = await writer.write(draft, signal);
        metrics.count("builds_total", {
          function_namespace: namespace,
          strategy: "reuse",
          result: "succeeded",
        });
        await remember(
          this.args.client,
          written,
          { generation: fn.metadata.generation ?? 0, result: "Succeeded", ...written.status?.buildStatus },
          undefined,
          { log, signal },
        );
        return AT_ONCE;
      }
      const others = cluster.jobs
        .by("image", prepared.image)
        .filter((job) => !hasEnded(job) && readRecord(job)?.uid !== fn.metadata.uid);
      if (others.length > 0) {
        await writer.write(
          draft
            .in("Building")
            .say(
              "BuildReady",
              "Unknown",
              "SameBuildRunning",
              `job ${others[0]?.metadata.name ?? ""} builds the same: its image is waited for`,
            )
            .builds({ attempt }),
          signal,
        );
        return { againAfterMs: SAME_BUILD_MS };
      }
      const job = await start.start(fn, prepared, attempt, signal);
      await writer.write(
        draft
          .in("Building")
          .say(
            "BuildReady",
            "Unknown",
            "BuildStarted",
            `job ${job.metadata.name} waits for its turn; follow it with ${logCommand(job.metadata.name)}`,
          )
          .builds({ jobName: job.metadata.name, attempt, strategy: "kaniko" }),
        signal,
      );
      log.info(
        {
          function: keyOf(fn),
          job: job.metadata.name,
          attempt,
          correlationId: readRecord(job)?.correlationId,
        },
        "build started",
      );
      return undefined;
    } catch (error) {
      if (error instanceof UserError) {
        const field = error.field === undefined ? "" : ` (${error.field})`;
        await writer.write(
          this.draft(fn)
            .in("Failed")
            .say("SourceReady", "False", error.reason, `${error.message}${field}`)
            .say("BuildReady", "False", "SourceNotReady", "nothing can be built until the source is mended")
            .builds({ error: error.message }),
          signal,
        );
        return undefined;
      }
      if (error instanceof InfrastructureError && !isConflict(error) && !signal.aborted)
        await writer
          .write(
            this.draft(fn)
              .in("Pending")
              .say("SourceReady", "Unknown", error.reason, `${error.message}; it is tried again`),
            signal,
          )
          .catch(() => undefined);
      throw error;
    }
  }

  private async takeImage(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome> {
    const { registries, environment, writer, now } = this.args;
    const given = fn.spec.source.image;
    if (given === undefined)
      throw new UserError("SourceInvalid", "the source that type names is missing", "spec.source.image");
    const { image, digest } = await imageOf(given, {
      registries,
      registry: environment.REGISTRY,
      namespace: fn.metadata.namespace ?? "",
      signal,
    });
    await writer.write(
      this.draft(fn)
        .in("Deploying")
        .say("SourceReady", "True", "ImageGiven", image)
        .say("BuildReady", "True", "NothingToBuild", "the source is an image: nothing is built")
        .builds({
          imageURI: image,
          completedAt: now().toISOString(),
          ...(digest === undefined ? {} : { digest }),
        }),
      signal,
    );
    return AT_ONCE;
  }

  private async watchBuild(
    fn: LambdaFunction,
    { jobName, attempt }: Extract<Stage, { stage: "building" }>,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { client, cluster, environment, end, writer, log } = this.args;
    const key = { namespace: environment.BUILD_NAMESPACE, name: jobName };
    const job: Job | undefined =
      cluster.jobs.get(`${key.namespace}/${key.name}`) ?? (await client.get(JOBS, key, { signal }));
    if (
      job === undefined ||
      job.metadata.deletionTimestamp !== undefined ||
      readRecord(job)?.uid !== fn.metadata.uid
    ) {
      log.warn({ function: keyOf(fn), job: jobName }, "a build's job is gone: it is begun again");
      return this.begin(fn, attempt, signal);
    }
    const ended = await end.look(job, podOf(cluster, job), signal);
    if (ended.kind === "running") {
      const started = job.spec?.suspend !== true && job.status?.startTime !== undefined;
      if (started)
        await writer.write(
          this.draft(fn)
            .in("Building")
            .say("BuildReady", "Unknown", "BuildRunning", `follow it with ${logCommand(jobName)}`)
            .built({ startedAt: new Date(job.status?.startTime ?? 0).toISOString() }),
          signal,
        );
      return ended.waitsForImage ? { againAfterMs: WAITING_MS } : undefined;
    }
    if (ended.kind === "failed") return this.failed(fn, job, attempt, ended, signal);
    const { success } = ended;
    const draft = this.draft(fn)
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
        startedAt: success.startedAt.toISOString(),
        completedAt: success.completedAt.toISOString(),
        durationSeconds: success.durationSeconds,
        ...cacheNumbers(success.cache),
        ...(success.size.unpacked === undefined ? {} : { imageSizeBytes: success.size.unpacked }),
        compressedSizeBytes: success.size.compressed,
      });
    const written = await writer.write(draft, signal);
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
    await remember(
      client,
      written,
      { generation: fn.metadata.generation ?? 0, result: "Succeeded", ...written.status?.buildStatus },
      undefined,
      { log, signal },
    );
    return AT_ONCE;
  }

  private async failed(
    fn: LambdaFunction,
    job: Job,
    attempt: number,
    { failure, log: text }: { failure: BuildFailure; log: string | undefined },
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { client, writer, metrics, log, now } = this.args;
    const name = job.metadata.name;
    const again = nextAttemptMs(failure, attempt, randomOf(name));
    const lines = failure.log.length === 0 ? "" : `\n${failure.log.join("\n")}`;
    const draft = this.draft(fn).built({
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
    const written = await writer.write(draft, signal);
    this.args.tracing.say(fn, {
      name: "build",
      from: new Date(job.status?.startTime ?? job.metadata.creationTimestamp ?? this.args.now()),
      to: now(),
      attributes: { "build.job": name, "build.attempt": attempt },
      error: failure.reason,
    });
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
    if (!hasEnded(job)) await this.deleteJob(job, signal);
    await remember(
      client,
      written,
      { generation: fn.metadata.generation ?? 0, result: failure.reason, ...written.status?.buildStatus },
      text ?? failure.log.join("\n"),
      { log, signal },
    );
    return again === undefined ? undefined : { againAfterMs: again };
  }

  private retry(
    fn: LambdaFunction,
    { jobName, attempt, failedAt }: Extract<Stage, { stage: "retrying" }>,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    // The failure's kind is not needed: that there is another attempt was decided when it failed.
    const wait = nextAttemptMs({ kind: "Evicted", retry: true }, attempt, randomOf(jobName)) ?? 0;
    const left = failedAt + wait - this.args.now().getTime();
    return left > 0 ? Promise.resolve({ againAfterMs: left }) : this.begin(fn, attempt + 1, signal);
  }

  private async serve(fn: LambdaFunction, image: string, signal: AbortSignal): Promise<Outcome | undefined> {
    const { rollout, writer, log } = this.args;
    let outcome;
    try {
      outcome = await rollout.apply(fn, image, signal);
    } catch (error) {
      if (error instanceof ApiError && [400, 422].includes(error.code)) {
        await writer.write(
          this.draft(fn).in("Failed").say("DeployReady", "False", "ServiceRefused", error.message),
          signal,
        );
        return undefined;
      }
      throw error;
    }
    if (outcome.outcome === "superseded") return undefined;
    if (outcome.outcome === "foreign") {
      await writer.write(
        this.draft(fn)
          .in("Failed")
          .say(
            "DeployReady",
            "False",
            "ServiceNameTaken",
            `a Knative Service ${fn.metadata.name} is there that is not this function's; delete it or rename the function`,
          ),
        signal,
      );
      return { againAfterMs: 30_000 };
    }
    if (outcome.outcome === "applied") log.info({ function: keyOf(fn), image }, "rolled out");
    const wasReady = fn.status?.phase === "Ready";
    const state = serviceState(outcome.object, (revision) =>
      this.args.cluster.servingPods
        .by("revision", `${fn.metadata.namespace ?? ""}/${revision}`)
        .map(startFailure)
        .find((failure) => failure !== undefined),
    );
    const draft = this.draft(fn).serves({
      serviceName: fn.metadata.name,
      ready: state.latestReady !== undefined,
      ...(state.url === undefined ? {} : { url: state.url }),
      ...(state.latestReady === undefined ? {} : { latestRevision: state.latestReady }),
    });
    const held = heldImage(fn) === undefined ? "" : " (rolled back, until the spec changes)";
    if (state.ready === "ready")
      draft
        .in("Ready")
        .say("DeployReady", "True", "RolledOut", `${image} is rolled out${held}`)
        .say("ServiceReady", "True", "Serving", `revision ${state.latestReady ?? ""} serves`);
    else if (state.ready === "failed")
      draft
        .in("Failed")
        .say(
          "DeployReady",
          "False",
          reasonOr(state.reason, "RevisionFailed"),
          `the new revision can't start: ${state.message}${state.latestReady === undefined ? "" : `; ${state.latestReady} serves on`}`,
        )
        .say(
          "ServiceReady",
          state.latestReady === undefined ? "False" : "True",
          state.latestReady === undefined ? "NothingServes" : "EarlierRevisionServes",
          state.latestReady === undefined
            ? "no revision has ever been ready"
            : `revision ${state.latestReady} serves`,
        );
    else
      draft
        .in("Deploying")
        .say(
          "DeployReady",
          "Unknown",
          "RollingOut",
          state.message === "" ? `${image} is being rolled out` : state.message,
        )
        .say(
          "ServiceReady",
          state.latestReady === undefined ? "False" : "True",
          state.latestReady === undefined ? "NotYetServing" : "RevisionServes",
          state.latestReady === undefined
            ? "the first revision is starting"
            : `revision ${state.latestReady} serves until the new one is ready`,
        );
    const written = await writer.write(draft, signal);
    if (state.ready === "ready" && !wasReady)
      this.args.tracing.say(fn, {
        name: "rollout",
        from: new Date(fn.status?.buildStatus?.completedAt ?? this.args.now()),
        to: this.args.now(),
        attributes: { "faas.version": state.latestReady ?? "", image: image },
      });
    if (state.ready === "ready" && !wasReady)
      await rollout.untagOthers(written, [image, rollout.previousImage(written)], signal);
    return undefined;
  }

  /** What was served before serves on when a new build fails; its state is shown. */
  private async reportService(fn: LambdaFunction, signal: AbortSignal): Promise<undefined> {
    const { rollout, writer } = this.args;
    const service = rollout.service(fn);
    const state = service === undefined ? undefined : serviceState(service);
    const serving = state?.latestReady;
    const draft = this.draft(fn);
    if (serving === undefined)
      draft.say("ServiceReady", "False", "NothingServes", "nothing was ever built that could serve");
    else
      draft
        .say(
          "ServiceReady",
          "True",
          "EarlierRevisionServes",
          `revision ${serving} of an earlier build serves`,
        )
        .serves({
          serviceName: fn.metadata.name,
          ready: true,
          latestRevision: serving,
          ...(state?.url === undefined ? {} : { url: state.url }),
        });
    await writer.write(draft, signal);
    return undefined;
  }

  /** Does what a command asks, once. What was done is written before that it was: a repeat does the same again. */
  private async obey(fn: LambdaFunction, { command, id, stale }: Due, signal: AbortSignal): Promise<Outcome> {
    const { client, writer, rollout, log } = this.args;
    let after = fn;
    let held: string | null | undefined;
    const stage = stageOf(fn);
    log.info({ function: keyOf(fn), command, id, stale }, "command");
    if (!stale)
      switch (command) {
        case "build.start":
        case "build.retry": {
          if (command === "build.retry" ? stage.stage !== "failed" : stage.stage === "building") break;
          for (const job of jobsOf(this.args.cluster, fn)) await this.deleteJob(job, signal);
          after = await writer.write(
            this.draft(fn)
              .in("Pending")
              .say("SourceReady", "Unknown", "BuildRequested", "the source is read anew, as was asked for")
              .say("BuildReady", "Unknown", "BuildRequested", "built anew, as was asked for")
              .builds(undefined),
            signal,
          );
          held = null;
          break;
        }
        case "build.cancel": {
          if (stage.stage === "built" || stage.stage === "failed") break;
          await this.cancelJobs(fn, signal);
          after = await writer.write(
            this.draft(fn)
              .in("Failed")
              .say(
                "BuildReady",
                "False",
                "BuildCancelled",
                "the build was cancelled; it is begun again when the spec changes, or by build.start",
              ),
            signal,
          );
          break;
        }
        case "function.rollback": {
          const previous = rollout.previousImage(fn);
          if (previous === undefined)
            after = await writer.write(
              this.draft(fn).say(
                "DeployReady",
                "Unknown",
                "NothingToRollBackTo",
                "no other image was served before",
              ),
              signal,
            );
          else held = holdText(fn.metadata.generation ?? 0, previous);
        }
      }
    const written = await client.merge<LambdaFunction>(
      FUNCTIONS,
      after.metadata,
      {
        metadata: {
          resourceVersion: after.metadata.resourceVersion,
          annotations: {
            [actedAnnotation(command)]: id,
            ...(held === undefined ? {} : { [HELD_IMAGE_ANNOTATION]: held }),
          },
        },
      },
      { signal },
    );
    writer.wrote(written);
    return AT_ONCE;
  }

  /** Ends builds that are of another spec, and removes Jobs that could be looked at for long enough. */
  private async tidy(fn: LambdaFunction, stage: Stage, signal: AbortSignal): Promise<void> {
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

  private async cancelJobs(fn: LambdaFunction, signal: AbortSignal): Promise<void> {
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

  private async deleteJob(job: Job, signal: AbortSignal): Promise<boolean> {
    if (job.metadata.deletionTimestamp !== undefined) return false;
    return this.args.client.delete(JOBS, job.metadata, { preconditions: { uid: job.metadata.uid }, signal });
  }

  private async addFinalizer(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome> {
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
  private async remove(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome | undefined> {
    const { client, cluster, writer, rollout, log } = this.args;
    if (!fn.metadata.finalizers?.includes(FINALIZER)) return undefined;
    const deleting =
      fn.status?.phase === "Deleting"
        ? fn
        : await writer.write(new Draft(fn, this.args.now).in("Deleting"), signal);
    await this.cancelJobs(deleting, signal);
    for (const job of jobsOf(cluster, deleting)) await this.deleteJob(job, signal);
    const service = rollout.service(deleting);
    if (service && service.metadata.deletionTimestamp === undefined)
      await client.delete(SERVICES, service.metadata, {
        preconditions: { uid: service.metadata.uid },
        signal,
      });
    // A registry that is down keeps no function from going: a tag more is a few cents.
    await Promise.race([rollout.untagOthers(deleting, [], signal), sleep(10_000, undefined, { ref: false })]);
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
}

/** A number in [0, 1) that is a name's own: the time of an attempt is the same whoever computes it. */
const randomOf = (name: string): number => Number.parseInt(hashOf(name).slice(0, 8), 16) / 2 ** 32;

/** When a Job ended, in milliseconds since 1970; one that doesn't say so has just done so. */
const endOf = ({ status }: Job): number => {
  const at = Date.parse(status?.completionTime ?? status?.conditions?.at(-1)?.lastTransitionTime ?? "");
  return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at;
};

const isOfEarlier = (job: Job, { metadata }: LambdaFunction): boolean =>
  (readRecord(job)?.generation ?? 0) < (metadata.generation ?? 0);

const reasonOr = (reason: string, otherwise: string): string =>
  /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/.test(reason) ? reason : otherwise;
