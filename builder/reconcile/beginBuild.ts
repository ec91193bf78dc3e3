import { PLATFORM_REASONS } from "../../contract/function/reasons";
import { type BuildRecord, readRecord } from "../build/buildRecord";
import { decide } from "../build/decision";
import { logCommand } from "../build/failure";
import { jobName } from "../build/jobName";
import { isConflict } from "../kubernetes/apiError";
import { keyOf } from "../kubernetes/objects";
import { type Job, JOBS, type LambdaFunction } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import { functionsRepository } from "../registry/buildCredential";
import { registryLayout } from "../registryLayout";
import { InfrastructureError, UserError } from "../types";
import { hasEnded, isOf, jobsOf } from "./cluster";
import { type Context, AT_ONCE, draftOf } from "./context";
import type { Draft } from "./draft";
import { remember } from "./history";
import { imageOf } from "./imageSource";
import type { PreparedBuild } from "./prepareBuild";
import type { SameBuild } from "./sameBuild";
import { NoPlaceFree } from "./slots";
import { presently, stageOf } from "./standing";

/** Begins builds: reads the source, and finds its image or has it built. */
export class BeginBuild {
  constructor(
    private readonly args: Context,
    private readonly same: SameBuild,
  ) {}

  /** Reads the source, and finds its image or has it built. */
  async begin(fn: LambdaFunction, attempt: number, signal: AbortSignal): Promise<Outcome | undefined> {
    const { writer, prepare } = this.args;
    const { source } = fn.spec;
    try {
      if (source.type === "image") return await this.takeImage(fn, signal);
      const waits = this.same.stillRuns(fn);
      if (waits !== undefined) return waits;
      const prepared = await prepare.prepare(fn, signal);
      const decision = decide({ imageDigest: prepared.imageDigest });
      const draft = draftOf(this.args, fn).say(
        "SourceReady",
        "True",
        "SourceRead",
        `read at ${prepared.revision}`,
      );
      return decision.strategy === "reuse"
        ? await this.reuse(fn, prepared, decision.digest, draft, attempt, signal)
        : await this.build(fn, prepared, draft, attempt, signal);
    } catch (error) {
      if (error instanceof NoPlaceFree) {
        await this.sayItWaits(fn, signal);
        return { againAfterMs: error.againAfterMs };
      }
      if (error instanceof UserError) {
        const field = error.field === undefined ? "" : ` (${error.field})`;
        await writer.write(
          draftOf(this.args, fn)
            .in("Failed")
            .say("SourceReady", "False", error.reason, `${error.message}${field}`)
            .say("BuildReady", "False", "SourceNotReady", "nothing can be built until the source is mended")
            .builds({ error: error.message }),
          signal,
        );
        return undefined;
      }
      if (error instanceof InfrastructureError && !isConflict(error) && !signal.aborted)
        await this.sayTriedAgain(fn, error, signal);
      throw error;
    }
  }

  /** Takes an image that is there already. */
  private async reuse(
    fn: LambdaFunction,
    { repository, plan }: PreparedBuild,
    digest: string,
    draft: Draft,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { writer, end, environment, metrics, now } = this.args;
    const namespace = fn.metadata.namespace ?? "";
    // Another replica may have begun this build, and it has ended: it is to be told as the build that it was.
    if (await this.isThere(fn, signal)) return AT_ONCE;
    const { unpacked, compressed } = await end.size(namespace, repository, digest, signal);
    const image = `${functionsRepository(registryLayout(environment), namespace)}@${digest}`;
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
        // An attempt that was given up may have made the image all the same.
        ...(attempt > 1 ? { attempt } : {}),
        imageURI: image,
        digest: digest,
        templateVersion: plan.templateVersion,
        completedAt: at,
        compressedSizeBytes: compressed,
        ...(unpacked === undefined ? {} : { imageSizeBytes: unpacked }),
      });
    // Before the status says it: who comes after a replica that is ended in between does both again.
    const build = { generation: fn.metadata.generation ?? 0, result: "Succeeded", ...draft.buildStatus };
    await remember(this.args, fn, build, undefined, signal);
    await writer.write(draft, signal);
    metrics.count("builds_total", {
      function_namespace: namespace,
      strategy: "reuse",
      result: "succeeded",
    });
    return AT_ONCE;
  }

  /** Has Kaniko build, or waits for the Job that does. */
  private async build(
    fn: LambdaFunction,
    prepared: PreparedBuild,
    draft: Draft,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { writer, start, lock, cluster, registries, log } = this.args;
    const namespace = fn.metadata.namespace ?? "";
    const { damage } = prepared;
    // A build of the same that runs is this one, whichever attempt it is.
    const own = readOwn(jobsOf(cluster, fn), prepared.hash);
    const record = start.record(fn, prepared, own?.attempt ?? attempt);
    const name = jobName(record, record.buildHash, record.attempt);
    const others = cluster.jobs
      .by("image", prepared.image)
      .filter((job) => !hasEnded(job) && job.metadata.name !== name);
    if (others.length > 0)
      return await this.same.waitFor(others[0]?.metadata.name ?? "", prepared, draft, attempt, signal);
    // Said before it is done, so that of several replicas one does it: whose view of the function is out of date makes no Job. Who comes
    // after a replica that ends here finds the Job missing, and makes it.
    const claimed = await writer.claim(
      draft
        .in("Building")
        .say(
          "BuildReady",
          "Unknown",
          "BuildStarted",
          `job ${name} waits for its turn; follow it with ${logCommand(name)}${damage === undefined ? "" : `; ${damage}`}`,
        )
        .builds({
          jobName: name,
          attempt: record.attempt,
          strategy: "kaniko",
          templateVersion: record.templateVersion,
        }),
      signal,
    );
    const holder = await lock.take(prepared.image, record, name, signal);
    if (holder !== undefined)
      return await this.same.waitFor(holder, prepared, draftOf(this.args, claimed), attempt, signal);
    // Who had the lock before may have pushed the image since it was looked for.
    if (await registries.platform(namespace).exists(prepared.repository, prepared.tag, { signal })) {
      await lock.release(prepared.image, signal);
      return AT_ONCE;
    }
    const job = await start.start(claimed, prepared, record, signal);
    log.info(
      {
        function: keyOf(fn),
        job: job.metadata.name,
        attempt: record.attempt,
        correlationId: record.correlationId,
        ...(damage === undefined ? {} : { damage }),
      },
      "build started",
    );
    return undefined;
  }

  /** Whether the Job that the status names has come to be since it was looked for. */
  private async isThere(fn: LambdaFunction, signal: AbortSignal): Promise<boolean> {
    const { client, environment } = this.args;
    const stage = stageOf(fn);
    if (stage.stage !== "building") return false;
    const key = { namespace: environment.BUILD_NAMESPACE, name: stage.jobName };
    return isOf(fn, await client.get(JOBS, key, { signal }));
  }

  /**
   * In words that stay the same as long as it waits, so that it is one write. What has failed and is tried again says that already, and why: it
   * is left as it is.
   */
  private async sayItWaits(fn: LambdaFunction, signal: AbortSignal): Promise<void> {
    const isNew = stageOf(fn).stage === "new" && presently(fn, "SourceReady")?.status !== "True";
    const type = isNew ? "SourceReady" : "BuildReady";
    if (Object.hasOwn(PLATFORM_REASONS, presently(fn, type)?.reason ?? "")) return;
    const draft = draftOf(this.args, fn).say(type, "Unknown", "SourceWaitsForPlace", WAITS_FOR_PLACE);
    await this.args.writer.write(isNew ? draft.in("Pending") : draft, signal);
  }

  /** A build that was begun keeps its place: the attempt is repeated, and counts once. Where it can't be said, nothing is lost by it. */
  async sayTriedAgain(
    seen: LambdaFunction,
    { reason, message }: Pick<InfrastructureError, "reason" | "message">,
    signal: AbortSignal,
  ): Promise<void> {
    const { writer } = this.args;
    const fn = writer.newest(seen);
    const draft = draftOf(this.args, fn);
    const words = `${message}; it is tried again`;
    if (stageOf(fn).stage === "new") draft.in("Pending").say("SourceReady", "Unknown", reason, words);
    else draft.say("BuildReady", "Unknown", reason, words);
    await writer.write(draft, signal).catch(() => undefined);
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
      draftOf(this.args, fn)
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
}

const WAITS_FOR_PLACE =
  "as many sources are being fetched as may be at once, of this namespace or of all: it is fetched when its turn comes";

/** The record of the Job that builds this, if one does. */
const readOwn = (jobs: readonly Job[], hash: string): BuildRecord | undefined =>
  jobs
    .filter((job) => !hasEnded(job) && job.metadata.deletionTimestamp === undefined)
    .map(readRecord)
    .find((record) => record?.buildHash === hash);
