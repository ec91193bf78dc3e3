import type { Environment } from "../../contract/environment";
import { TEMPLATE_VERSION } from "../build/templateVersion";
import type { KubernetesClient } from "../kubernetes/client";
import { keyOf } from "../kubernetes/objects";
import { type LambdaFunction, type OpenObject, SERVICES } from "../kubernetes/resources";
import { applyStamped, type StampedOutcome } from "../kubernetes/stamp";
import type { Log } from "../log";
import type { Registries } from "../registry/registries";
import { keptFunctions, keptScale } from "../serve/keepAlive";
import { IMAGE_ANNOTATION, knativeService, PREVIOUS_IMAGE_ANNOTATION } from "../serve/knativeService";
import { digestIn, isLiveTagOf, liveTag } from "../serve/liveTags";
import type { Cluster } from "./cluster";

export interface RolloutArgs {
  client: KubernetesClient;
  environment: Environment;
  registries: Registries;
  cluster: Cluster;
  /** Takes a tag off an image of the platform's registry. */
  untag: Untag;
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
  previousImage(fn: LambdaFunction): string | undefined {
    return this.service(fn)?.metadata.annotations?.[PREVIOUS_IMAGE_ANNOTATION];
  }

  /** The function's Service as the watch has it; not one that something else made. */
  service(fn: LambdaFunction): OpenObject | undefined {
    const service = this.args.cluster.services.get(keyOf(fn));
    return service?.metadata.ownerReferences?.some(({ uid }) => uid === fn.metadata.uid) === true
      ? service
      : undefined;
  }

  async apply(fn: LambdaFunction, image: string, signal: AbortSignal): Promise<StampedOutcome<OpenObject>> {
    const { client, environment, cluster } = this.args;
    const annotations = this.service(fn)?.metadata.annotations ?? {};
    const serving = annotations[IMAGE_ANNOTATION];
    if (serving !== image) await this.tag(fn, image, signal);
    const kept = keptFunctions(environment, cluster.functions.list()).has(keyOf(fn))
      ? keptScale(environment)
      : undefined;
    const desired = knativeService({
      fn,
      image,
      previousImage: serving === image ? annotations[PREVIOUS_IMAGE_ANNOTATION] : serving,
      architecture: environment.ARCHITECTURE,
      kept,
    });
    const stamp = {
      function: fn.metadata.uid ?? "",
      generation: fn.metadata.generation ?? 0,
      templateVersion: TEMPLATE_VERSION,
    };
    return applyStamped(client, SERVICES, desired, stamp, { signal });
  }

  /** Takes the tags off that keep what runs no more and would not be rolled back to. */
  async untagOthers(
    fn: LambdaFunction,
    keep: readonly (string | undefined)[],
    signal: AbortSignal,
  ): Promise<void> {
    const { environment, registries, untag, log } = this.args;
    const { name, namespace = "" } = fn.metadata;
    const wanted = keep.flatMap((image) => {
      const found = image === undefined ? undefined : digestIn(image);
      return found === undefined ? [] : [liveTag(name, found.digest)];
    });
    const repository = this.repository(namespace);
    const registry = registries.platform(namespace);
    try {
      for (const tag of await registry.tags(repository, { signal }))
        if (isLiveTagOf(name, tag) && !wanted.includes(tag)) await untag(namespace, repository, tag, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn(
        { err: error, function: keyOf(fn), registry: environment.REGISTRY },
        "a tag of an old image stays",
      );
    }
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
