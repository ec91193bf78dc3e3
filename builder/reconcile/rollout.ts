import type { Environment } from "../../contract/environment";
import type { Desired, KubernetesClient } from "../kubernetes/client";
import { keyOf } from "../kubernetes/objects";
import { type LambdaFunction, type OpenObject, SERVICES } from "../kubernetes/resources";
import {
  applyStamped,
  isApplied,
  isOlder,
  type Stamp,
  stampOf,
  type StampedOutcome,
} from "../kubernetes/stamp";
import type { Log } from "../log";
import type { Registries } from "../registry/registries";
import { keptFunctions, keptScale } from "../serve/keepAlive";
import { IMAGE_ANNOTATION, knativeService, PREVIOUS_IMAGE_ANNOTATION } from "../serve/knativeService";
import { digestIn, isLiveTagOf, liveTag } from "../serve/liveTags";
import { hasServed } from "../serve/serviceState";
import { type Cluster, labelledToKeep } from "./cluster";
import { assertCurrent } from "./current";

export interface RolloutArgs {
  client: KubernetesClient;
  environment: Environment;
  registries: Registries;
  cluster: Cluster;
  /** Takes a tag off an image of the platform's registry. */
  untag: Untag;
  templateVersion: number;
  /** Whether a builder of a higher template version may be live. */
  laterLives: () => boolean;
  log: Log;
}

/** @param repository Path in the platform's registry */
export type Untag = (
  namespace: string,
  repository: string,
  tag: string,
  signal: AbortSignal,
) => Promise<unknown>;

/** Rolls images out, and keeps those that run or would be rolled back to from being expired. */
export class Rollout {
  constructor(private readonly args: RolloutArgs) {}

  /** The image that was served before the present one. */
  async previousImage(fn: LambdaFunction, signal: AbortSignal): Promise<string | undefined> {
    const service = await this.args.client.get(SERVICES, fn.metadata, { signal });
    return service !== undefined && isOwn(fn, service) ? previousOf(service) : undefined;
  }

  /** The function's Service as the watch has it; not one that something else made. */
  service(fn: LambdaFunction): OpenObject | undefined {
    const service = this.args.cluster.services.get(keyOf(fn));
    return service !== undefined && isOwn(fn, service) ? service : undefined;
  }

  /**
   * What is rolled back to is read from the Service as it is, not as a watch had it: an image between the two would be forgotten. Only
   * where the watch has it just as it is wanted is nothing asked, as of thousands of functions that nobody changes: nothing is written
   * then, and what has changed since the watch is about to say.
   *
   * A later builder's Service is left as it is while such a builder may be live. Once none is, after the builder itself was rolled back, this
   * one takes it on under the later one's version: what doesn't change the function's generation, as keep-alive, holds from then on, and a
   * Service that is as it is wanted still costs no request.
   */
  async apply(fn: LambdaFunction, image: string, signal: AbortSignal): Promise<StampedOutcome<OpenObject>> {
    const { client, templateVersion, laterLives } = this.args;
    const stamp = {
      function: fn.metadata.uid ?? "",
      generation: fn.metadata.generation ?? 0,
      templateVersion,
    };
    const isLaters = (service: OpenObject): boolean =>
      laterVersionOf(service, stamp) !== undefined && laterLives();
    const watched = this.service(fn);
    if (
      watched !== undefined &&
      (isLaters(watched)
        ? servedBy(watched) === image
        : isApplied(watched, this.desired(fn, image, watched), takenOn(stamp, watched)))
    )
      return { outcome: "unchanged", object: watched };
    const observed = await client.get(SERVICES, fn.metadata, { signal });
    const own = observed !== undefined && isOwn(fn, observed) ? observed : undefined;
    if (own !== undefined && isLaters(own))
      return { outcome: servedBy(own) === image ? "unchanged" : "superseded", object: own };
    if (own === undefined || servedBy(own) !== image) {
      await this.tag(fn, image, signal);
      await assertCurrent(client, fn, signal);
    }
    return applyStamped(client, SERVICES, this.desired(fn, image, own), takenOn(stamp, own), {
      signal,
      observed,
    });
  }

  /** @param before The function's Service as it is */
  private desired(fn: LambdaFunction, image: string, before: OpenObject | undefined): Desired<OpenObject> {
    const { environment, cluster } = this.args;
    const kept = keptFunctions(environment, labelledToKeep(cluster)).has(keyOf(fn))
      ? keptScale(environment)
      : undefined;
    return knativeService({
      fn,
      image,
      previousImage: before && previousFor(image, before),
      architecture: environment.ARCHITECTURE,
      kept,
    });
  }

  /** The tags of a function's images that run no more and would not be rolled back to; none where the registry doesn't answer. */
  async staleTags(
    fn: LambdaFunction,
    keep: readonly (string | undefined)[],
    signal: AbortSignal,
  ): Promise<string[]> {
    const { registries } = this.args;
    const { name, namespace = "" } = fn.metadata;
    const wanted = keep.flatMap((image) => {
      const found = image === undefined ? undefined : digestIn(image);
      return found === undefined ? [] : [liveTag(name, found.digest)];
    });
    try {
      const tags = await registries.platform(namespace).tags(this.repository(namespace), { signal });
      return tags.filter((tag) => isLiveTagOf(name, tag) && !wanted.includes(tag));
    } catch (error) {
      this.stays(fn, error, signal);
      return [];
    }
  }

  async untag(fn: LambdaFunction, tags: readonly string[], signal: AbortSignal): Promise<void> {
    const { namespace = "" } = fn.metadata;
    try {
      for (const tag of tags) await this.args.untag(namespace, this.repository(namespace), tag, signal);
    } catch (error) {
      this.stays(fn, error, signal);
    }
  }

  private stays(fn: LambdaFunction, error: unknown, signal: AbortSignal): void {
    signal.throwIfAborted();
    const { environment, log } = this.args;
    log.warn(
      { err: error, function: keyOf(fn), registry: environment.REGISTRY },
      "a tag of an old image stays",
    );
  }

  private async tag(fn: LambdaFunction, image: string, signal: AbortSignal): Promise<void> {
    const { environment, registries } = this.args;
    const { name, namespace = "" } = fn.metadata;
    const found = digestIn(image);
    // An image of somebody else's repository is theirs to keep.
    if (found?.repository !== `${environment.FUNCTIONS_REPO}/${namespace}`) return;
    await registries
      .platform(namespace)
      .tag(this.repository(namespace), found.digest, liveTag(name, found.digest), { signal });
  }

  private repository(namespace: string): string {
    const { FUNCTIONS_REPO, REGISTRY } = this.args.environment;
    return `${FUNCTIONS_REPO}/${namespace}`.slice(REGISTRY.length + 1);
  }
}

/** The image that a Service ran before. */
export const previousOf = ({ metadata }: OpenObject): string | undefined =>
  metadata.annotations?.[PREVIOUS_IMAGE_ANNOTATION];

/**
 * The image to roll back to once a Service runs another: the one that it ran, where that has ever been ready, else the one that it would have
 * been rolled back to.
 */
const previousFor = (image: string, before: OpenObject): string | undefined => {
  const serving = servedBy(before);
  if (serving === image) return previousOf(before);
  const previous = hasServed(before) ? serving : previousOf(before);
  return previous === image ? undefined : previous;
};

/** The image that a Service runs. */
const servedBy = ({ metadata }: OpenObject): string | undefined => metadata.annotations?.[IMAGE_ANNOTATION];

/** The version of the later builder that decided a Service, from the same generation; undefined where none did. */
const laterVersionOf = (service: OpenObject, stamp: Stamp): number | undefined => {
  const before = stampOf(service);
  return before?.function === stamp.function &&
    before.generation === stamp.generation &&
    isOlder(stamp, before)
    ? before.templateVersion
    : undefined;
};

/** The stamp of a write over a Service: of the version of the later builder that decided it, where one did. */
const takenOn = (stamp: Stamp, service: OpenObject | undefined): Stamp => ({
  ...stamp,
  templateVersion: (service && laterVersionOf(service, stamp)) ?? stamp.templateVersion,
});

const isOwn = (fn: LambdaFunction, { metadata }: OpenObject): boolean =>
  metadata.ownerReferences?.some(({ uid }) => uid === fn.metadata.uid) === true;
