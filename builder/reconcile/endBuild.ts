import type { Environment } from "../../contract/environment";
import type { PlatformReason } from "../../contract/function/reasons";
import { CACHEABLE_INSTRUCTIONS } from "../../contract/metrics";
import { KANIKO_CONTAINER } from "../../contract/names";
import { type BuildRecord, readRecord } from "../build/buildRecord";
import { type BuildFailure, classify } from "../build/failure";
import { type CacheUse, cacheUse, total } from "../build/kaniko/cacheHits";
import { readKanikoLog } from "../build/kaniko/log";
import { saysThrottled } from "../build/logFailure";
import { kanikoFeatures, kanikoVersion } from "../build/kaniko/version";
import type { KubernetesClient } from "../kubernetes/client";
import type { Job, Pod } from "../kubernetes/resources";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import { type Digest, isDigest } from "../registry/digest";
import { isDamage } from "../registry/imageManifest";
import { ImageSizes } from "../registry/imageSize";
import { functionsRepository } from "../registry/buildCredential";
import type { Registries } from "../registry/registries";
import { registryLayout } from "../registryLayout";
import { isComplete } from "./cluster";

export interface EndArgs {
  client: KubernetesClient;
  environment: Environment;
  registries: Registries;
  metrics: Metrics;
  log: Log;
  now: () => Date;
}

/** A build that made an image, verified at the registry. */
export interface Success {
  record: BuildRecord;
  image: string;
  digest: Digest;
  startedAt: Date;
  completedAt: Date;
  durationSeconds: number;
  queueWaitSeconds: number;
  cache: CacheUse | undefined;
  size: { unpacked: number | undefined; compressed: number };
  /** A registry asked the build for patience, and got it. */
  throttled: boolean;
}

export type Ended =
  | { kind: "running" }
  | { kind: "failed"; failure: BuildFailure; log: string | undefined }
  | { kind: "succeeded"; success: Success };

const MOST_LOG_LINES = 20_000;
const MOST_LOG_BYTES = 8 * 1024 * 1024;
/** Lines that are fewer bytes than that whatever is in them: the container runtime breaks lines at 16 KiB. */
const END_LOG_LINES = 500;

/** Reads how a build ended. What is served is what the registry has under the build's tag: what the build says of itself decides nothing. */
export class EndBuild {
  private readonly sizes = new Map<string, ImageSizes>();

  constructor(private readonly args: EndArgs) {}

  /** Whether a build runs on, by a Job and a pod that may be out of date: what ends it is to be read anew. */
  runsOn(job: Job, pod: Pod | undefined): boolean {
    return !isComplete(job) && this.failure(job, pod, undefined) === undefined;
  }

  /** @param pod The Job's last one; it and the Job as they are now: a verdict is final */
  async look(job: Job, pod: Pod | undefined, signal: AbortSignal): Promise<Ended> {
    if (this.runsOn(job, pod)) return { kind: "running" };
    const record = readRecord(job);
    const succeeded = record !== undefined && isComplete(job);
    const log = await this.log(pod, succeeded, signal);
    if (succeeded) return this.verify(job, pod, record, log, signal);
    const failure = this.failure(job, pod, log);
    return failure === undefined ? { kind: "running" } : { kind: "failed", failure, log };
  }

  private failure(job: Job, pod: Pod | undefined, log: string | undefined): BuildFailure | undefined {
    const { environment, now } = this.args;
    return classify({
      job,
      pod,
      log,
      limits: {
        memory: environment.KANIKO_LIMITS_MEMORY,
        disk: environment.KANIKO_LIMITS_EPHEMERAL_STORAGE,
      },
      ownDockerfile: readRecord(job)?.ownDockerfile ?? false,
      cancelled: false,
      now: now(),
    });
  }

  private async verify(
    job: Job,
    pod: Pod | undefined,
    record: BuildRecord,
    log: string | undefined,
    signal: AbortSignal,
  ): Promise<Ended> {
    const { environment, registries, now } = this.args;
    const { namespace, image } = record;
    const full = functionsRepository(registryLayout(environment), namespace);
    const repository = full.slice(environment.REGISTRY.length + 1);
    const registry = registries.platform(namespace);
    const tag = image.slice(full.length + 1);
    const tagged = (await registry.manifest(repository, tag, { signal }))?.digest;
    const refused = (reason: PlatformReason, message: string, retry: boolean): Ended => ({
      kind: "failed",
      log,
      failure: { kind: "Infrastructure", reason, message, retry, log: [] },
    });
    if (tagged === undefined)
      return refused(
        "ImageMissing",
        `the build ended without a failure, and the registry has no ${image}`,
        true,
      );
    this.compare(job, pod, tagged);
    const digest = tagged;
    let size: Success["size"];
    try {
      size = await this.size(namespace, repository, digest, signal);
    } catch (error) {
      // What a build has pushed doesn't change: another attempt would push the same. What the registry has lost another may bring.
      if (isDamage(error)) return refused(error.reason, error.message, error.reason === "ImageMissing");
      throw error;
    }
    const created = Date.parse(job.metadata.creationTimestamp ?? "");
    const started = new Date(job.status?.startTime ?? job.metadata.creationTimestamp ?? now());
    const completed = now();
    return {
      kind: "succeeded",
      success: {
        record,
        image: `${full}@${digest}`,
        digest,
        startedAt: started,
        completedAt: completed,
        durationSeconds: Math.max(0, (completed.getTime() - started.getTime()) / 1000),
        queueWaitSeconds: Math.max(0, (started.getTime() - created) / 1000),
        cache:
          record.cache && log !== undefined
            ? cacheUse(
                readKanikoLog(log),
                record.cacheable,
                kanikoFeatures(kanikoVersion(record.kanikoImage)),
              )
            : undefined,
        size,
        throttled: saysThrottled(log),
      },
    };
  }

  /**
   * Logs where the build says another digest than the registry has under its tag. Under a tag that is never moved it is so where another build of the same
   * was faster, and its image is as good. It is no proof of anything: the message may have been written by the build's own commands, and so may the
   * tag, as they can read the credential that Kaniko pushes by.
   */
  private compare({ metadata }: Job, pod: Pod | undefined, tagged: Digest): void {
    const said = pod?.status?.containerStatuses
      ?.find(({ name }) => name === KANIKO_CONTAINER)
      ?.state?.terminated?.message?.trim();
    if (said !== undefined && isDigest(said) && said !== tagged)
      this.args.log.warn(
        { job: metadata.name, said, tagged },
        "a build says another digest than the registry has under its tag, which is what is served",
      );
  }

  async size(
    namespace: string,
    repository: string,
    digest: Digest,
    signal: AbortSignal,
  ): Promise<{ unpacked: number | undefined; compressed: number }> {
    const { registries, environment } = this.args;
    const sizes =
      this.sizes.get(namespace) ?? new ImageSizes(registries.platform(namespace), environment.ARCHITECTURE);
    this.sizes.set(namespace, sizes);
    const { unpackedBytes, compressedBytes } = await sizes.of(repository, digest, { signal });
    return { unpacked: unpackedBytes, compressed: compressedBytes };
  }

  /** Says a success in metrics: once, after the status that says it too was written. */
  observe({ record, cache, durationSeconds, queueWaitSeconds, size, throttled }: Success): void {
    const { metrics } = this.args;
    const function_namespace = record.namespace;
    const labels = { function_namespace, strategy: "kaniko" } as const;
    if (throttled) metrics.count("registry_throttled_total", { seen_by: "build" });
    metrics.count("builds_total", { ...labels, result: "succeeded" });
    metrics.observe("build_duration_seconds", labels, durationSeconds);
    metrics.observe("build_queue_wait_seconds", { function_namespace }, queueWaitSeconds);
    if (size.unpacked !== undefined) metrics.observe("image_size_bytes", labels, size.unpacked);
    metrics.observe("image_compressed_size_bytes", labels, size.compressed);
    if (cache === undefined) return;
    for (const instruction of CACHEABLE_INSTRUCTIONS) {
      metrics.count("kaniko_cache_hits_total", { function_namespace, instruction }, cache.hits[instruction]);
      metrics.count(
        "kaniko_cache_requests_total",
        { function_namespace, instruction },
        cache.requests[instruction],
      );
    }
  }

  /**
   * The log of a build, or undefined where it can't be had: its node may be gone, and the termination message has the log's end. Of a long log it is the
   * beginning of the last lines that fits, as the kubelet counts bytes from there: good for what all steps say, and without the last words.
   * @param beginning Whether its beginning is of use: else its end is read where it doesn't fit as a whole
   */
  private async log(
    pod: Pod | undefined,
    beginning: boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (pod === undefined) return undefined;
    const log = await this.lastLines(pod, MOST_LOG_LINES, signal);
    if (beginning || log === undefined || !isCut(log)) return log;
    const end = await this.lastLines(pod, END_LOG_LINES, signal);
    return end === undefined || isCut(end) ? undefined : end;
  }

  private lastLines(pod: Pod, tailLines: number, signal: AbortSignal): Promise<string | undefined> {
    return this.args.client
      .log(pod.metadata, {
        container: KANIKO_CONTAINER,
        tailLines,
        limitBytes: MOST_LOG_BYTES,
        timeoutMs: 10_000,
        retries: 1,
        signal,
      })
      .catch(() => {
        signal.throwIfAborted();
        return undefined;
      });
  }
}

/** Whether a log goes on where it was cut off. A character that was cut in two is read as one of three bytes. */
const isCut = (log: string): boolean => Buffer.byteLength(log) >= MOST_LOG_BYTES;

export const cacheNumbers = (cache: CacheUse | undefined): { cacheHits?: number; cacheRequests?: number } =>
  cache === undefined ? {} : { cacheHits: total(cache.hits), cacheRequests: total(cache.requests) };
