import { setTimeout as sleep } from "node:timers/promises";
import { CORRELATION_ANNOTATION } from "../../contract/annotations";
import type { Environment } from "../../contract/environment";
import { durationSeconds } from "../../settings/scalars/duration";
import { buildJob } from "../build/buildJob";
import { type BuildRecord, readRecord } from "../build/buildRecord";
import { jobName } from "../build/jobName";
import { kanikoCommand } from "../build/kaniko/arguments";
import { kanikoFeatures, kanikoVersion } from "../build/kaniko/version";
import { buildJobSettings, buildTimeoutSeconds, kanikoOptions } from "../build/settings";
import { signToken } from "../context/token";
import { isAlreadyExists } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { type Job, JOBS, type LambdaFunction, LOCAL_QUEUES } from "../kubernetes/resources";
import { cacheRepository } from "../registry/buildCredential";
import { registryLayout } from "../registryLayout";
import { InfrastructureError } from "../types";
import { hasEnded } from "./cluster";
import type { PreparedBuild } from "./prepareBuild";

export interface StartArgs {
  client: KubernetesClient;
  environment: Environment;
  tokenKey: () => Promise<Buffer>;
}

/** A namespace's queue is looked after again after this time: somebody may have deleted it. */
const QUEUE_KEPT_MS = 60_000;

/** Starts builds. */
export class StartBuild {
  private readonly queues = new Map<string, number>();

  constructor(private readonly args: StartArgs) {}

  /** What a build's Job will say of itself. */
  record({ metadata }: LambdaFunction, prepared: PreparedBuild, attempt: number): BuildRecord {
    const { environment } = this.args;
    return {
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      uid: metadata.uid ?? "",
      generation: metadata.generation ?? 0,
      attempt,
      buildHash: prepared.hash,
      contextHash: prepared.contextHash ?? "",
      image: prepared.image,
      templateVersion: prepared.plan.templateVersion,
      ownDockerfile: prepared.plan.ownDockerfile,
      cache: environment.KANIKO_CACHE,
      kanikoImage: environment.KANIKO_IMAGE,
      cacheable: [...prepared.plan.cacheable],
      ...(metadata.annotations?.[CORRELATION_ANNOTATION] === undefined
        ? {}
        : { correlationId: metadata.annotations[CORRELATION_ANNOTATION] }),
    };
  }

  /**
   * Makes a build's Job, or finds it made. Names are made from what is built, so that the same build is one Job whoever starts it.
   * @returns The Job
   */
  async start(
    { spec }: LambdaFunction,
    prepared: PreparedBuild,
    record: BuildRecord,
    signal: AbortSignal,
  ): Promise<Job> {
    const { client, environment, tokenKey } = this.args;
    const { namespace } = record;
    const name = jobName(record, record.buildHash, record.attempt);
    const options = kanikoOptions(environment, {
      cacheRepository: cacheRepository(registryLayout(environment), namespace),
      dockerfile: prepared.plan.dockerfilePath,
      destination: prepared.image,
      buildArgs: prepared.plan.buildArgs,
    });
    const asked = durationSeconds(spec.build?.timeout ?? "");
    const job = buildJob(buildJobSettings(environment), {
      record,
      kaniko: kanikoCommand(options, kanikoFeatures(kanikoVersion(environment.KANIKO_IMAGE))),
      timeoutSeconds: buildTimeoutSeconds(asked, environment.KANIKO_TIMEOUT.seconds),
      token: signToken(await tokenKey(), { job: name, namespace, context: record.contextHash }),
    });
    await this.ensureQueue(namespace, signal);
    try {
      return await client.create(JOBS, job, { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    return this.adopt(name, record, signal);
  }

  /** A Job of that name is there. It is this build where it is of the same function and not of an attempt that has long ended. */
  private async adopt(name: string, record: BuildRecord, signal: AbortSignal): Promise<Job> {
    const { client, environment } = this.args;
    const key = { namespace: environment.BUILD_NAMESPACE, name };
    const there = await client.get(JOBS, key, { signal });
    const theirs = there === undefined ? undefined : readRecord(there);
    const same = theirs?.uid === record.uid && theirs.buildHash === record.buildHash;
    if (there !== undefined && there.metadata.deletionTimestamp === undefined) {
      if (same && (!hasEnded(there) || theirs.generation === record.generation)) return there;
      await client.delete(JOBS, key, { preconditions: { uid: there.metadata.uid }, signal });
    }
    await sleep(200, undefined, { signal });
    throw new InfrastructureError("BuildNameTaken", `Job ${name} of an earlier build is not gone yet`);
  }

  private async ensureQueue(namespace: string, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if (now - (this.queues.get(namespace) ?? Number.NEGATIVE_INFINITY) < QUEUE_KEPT_MS) return;
    const { client, environment } = this.args;
    await client.apply(
      LOCAL_QUEUES,
      {
        metadata: { name: namespace, namespace: environment.BUILD_NAMESPACE },
        spec: { clusterQueue: environment.CLUSTER_QUEUE, fairSharing: { weight: "1" } },
      },
      { signal },
    );
    this.queues.set(namespace, now);
  }
}
