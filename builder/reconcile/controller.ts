import type { Environment } from "../../contract/environment";
import { LABELS, selectorLabels } from "../../contract/labels";
import type { KubernetesClient } from "../kubernetes/client";
import { keyOf } from "../kubernetes/objects";
import type { Ownership } from "../kubernetes/ownership";
import { type Change, Reflector } from "../kubernetes/reflector";
import {
  FUNCTIONS,
  type Job,
  JOBS,
  type LambdaFunction,
  type OpenObject,
  type Pod,
  PODS,
  type Resource,
  SERVICES,
} from "../kubernetes/resources";
import { stampOf } from "../kubernetes/stamp";
import { WorkQueue } from "../kubernetes/workQueue";
import type { ApiObject } from "../kubernetes/objects";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import { ColdStarts } from "../serve/coldStarts";
import { FUNCTION_CONTAINER } from "../serve/knativeService";
import { startFailure } from "../serve/startFailure";
import { FETCH_SECONDS } from "../source/limits";
import {
  type Cluster,
  functionIndexes,
  functionOf,
  jobIndexes,
  podIndexes,
  REVISION_LABEL,
  servingPodIndexes,
} from "./cluster";
import { exposeGauges } from "./gauges";
import { templateVersionOf } from "./standing";

export interface ControllerArgs {
  client: KubernetesClient;
  environment: Environment;
  ownership: Ownership;
  metrics: Metrics;
  log: Log;
  /** Functions that are worked on at once. */
  workers?: number;
  /** Longest time of fetching a source, in milliseconds. A reconciliation may last longer. @default that of {@link FETCH_SECONDS} */
  fetchMs?: number | undefined;
  /** Monotonic clock, in milliseconds. */
  clock?: () => number;
}

const WORKERS = 32;
/**
 * Time that a reconciliation has beside the fetch of a source, in milliseconds. It outlasts each of the deadlines inside it, with the attempts that
 * follow: of the API server (a minute), of a registry (two minutes), of the platform's bucket (under two). Where its own came first, what was
 * waited for in vain would be said nowhere: the function's author would see nothing at all.
 */
export const BESIDE_FETCH_MS = 180_000;
/** A watch that is silent for longer is stuck: the API server ends one at least once a minute. */
const SILENT_MS = 180_000;
/**
 * A loop that has not come round for so long never will: a watch ends within a minute, and a reconciliation within eight. It is the process that is
 * sick, not the API server, which may be gone for hours without the loops standing still.
 */
export const STUCK_MS = 600_000;

/** Watches what functions are about, and has those looked at that are at home on this replica. */
export class Controller {
  readonly cluster: Cluster;
  readonly queue: WorkQueue;
  private reconcile: ConstructorParameters<typeof WorkQueue>[0]["reconcile"] = () =>
    Promise.resolve(undefined);
  private looked: (key: string) => void = () => undefined;
  private readonly functions: Reflector<LambdaFunction>;
  private readonly jobs: Reflector<Job>;
  private readonly pods: Reflector<Pod>;
  private readonly services: Reflector<OpenObject>;
  private readonly servingPods: Reflector<Pod>;

  constructor(private readonly args: ControllerArgs) {
    const { client, environment, log, metrics, ownership, clock = () => performance.now() } = args;
    const reflector = <T extends ApiObject>(
      resource: Resource<T>,
      more: Partial<ConstructorParameters<typeof Reflector<T>>[0]> = {},
    ): Reflector<T> => new Reflector<T>({ client, resource, log, now: clock, ...more });
    const builds = { namespace: environment.BUILD_NAMESPACE, labelSelector: `${LABELS.build}=true` };
    const served = { labelSelector: `${LABELS.function},!${LABELS.build}` };
    this.functions = reflector(FUNCTIONS, { indexes: functionIndexes });
    this.jobs = reflector(JOBS, { selection: builds, indexes: jobIndexes });
    this.pods = reflector(PODS, { selection: builds, indexes: podIndexes });
    this.services = reflector(SERVICES, { selection: served, resyncMs: 0 });
    this.servingPods = reflector(PODS, {
      selection: { labelSelector: `${REVISION_LABEL},${LABELS.function}` },
      trim: smallPod,
      indexes: servingPodIndexes,
      resyncMs: 0,
    });
    this.cluster = {
      functions: this.functions.store,
      jobs: this.jobs.store,
      pods: this.pods.store,
      services: this.services.store,
      servingPods: this.servingPods.store,
    };
    this.queue = new WorkQueue({
      reconcile: (key, signal) =>
        this.isHere(key) ? this.reconcile(key, signal) : Promise.resolve(undefined),
      workers: args.workers ?? WORKERS,
      timeoutMs: (args.fetchMs ?? FETCH_SECONDS * 1000) + BESIDE_FETCH_MS,
      now: clock,
      onEnd: (key) => {
        this.looked(key);
      },
      onFailure: (key, error, failures) => {
        log.warn({ err: error, function: key, failures }, "a function is tried again");
      },
    });

    this.functions.onChange((change) => {
      this.add(keyOf(change.object), change.type);
    });
    for (const reflected of [this.jobs, this.pods, this.services])
      (reflected as Reflector<Job | Pod | OpenObject>).onChange((change: Change<Job | Pod | OpenObject>) => {
        this.add(functionOf(change.object), change.type);
      });
    const coldStarts = new ColdStarts((pod, seconds) => {
      if (!ownership.owns(functionOf(pod))) return;
      metrics.observe(
        "function_cold_start_duration_seconds",
        { function_namespace: pod.metadata.namespace ?? "" },
        seconds,
      );
      log.info({ function: functionOf(pod), seconds }, "cold start");
    });
    this.servingPods.onChange(({ type, object }) => {
      if (type !== "deleted" && startFailure(object)) this.add(functionOf(object), type);
      if (type === "deleted") coldStarts.gone(object);
      else if (type !== "resync") coldStarts.see(object, this.servingPods.hasSynced && type === "added");
    });
    ownership.onChange(() => {
      for (const key of this.functions.store.keys()) this.add(key, "resync");
    });
    exposeGauges({ cluster: this.cluster, watches: this.watches, environment, ownership, metrics });
  }

  private get watches() {
    return {
      functions: this.functions,
      jobs: this.jobs,
      pods: this.pods,
      services: this.services,
      serving_pods: this.servingPods,
    };
  }

  /** What brings one function to where it should be. */
  reconcileBy(reconcile: ConstructorParameters<typeof WorkQueue>[0]["reconcile"]): void {
    this.reconcile = reconcile;
  }

  /** Who is told when a look at a function has ended: at one that isn't at home here too, which is looked at and left. */
  onLooked(looked: (key: string) => void): void {
    this.looked = looked;
  }

  /** Whether everything that is watched has been seen once, and is still heard of. */
  get problem(): string | undefined {
    for (const [name, { hasSynced, silentMs }] of Object.entries(this.watches)) {
      // Cold starts that nobody measures are no reason to take no work.
      if (name === "serving_pods") continue;
      if (!hasSynced) return `${name} have not been listed yet`;
      if (silentMs > SILENT_MS)
        return `nothing has been heard of ${name} for ${Math.round(silentMs / 1000)} s`;
    }
    return this.args.ownership.hasSynced ? undefined : "the other replicas are not known yet";
  }

  /** Whether it is known which functions have pods that serve. */
  get knowsWhoServes(): boolean {
    return this.servingPods.hasSynced;
  }

  /** Why the process had better be started anew: one of its loops stands still. */
  get stuck(): string | undefined {
    const { functions, jobs, pods, services, servingPods } = this;
    for (const [name, { stillMs }] of Object.entries({ functions, jobs, pods, services, servingPods }))
      if (stillMs > STUCK_MS)
        return `the watch of ${name} has stood still for ${Math.round(stillMs / 1000)} s`;
    const { longestMs } = this.queue;
    return longestMs > STUCK_MS
      ? `a function has been worked on for ${Math.round(longestMs / 1000)} s`
      : undefined;
  }

  /** Runs until `stop` aborts. */
  async run(stop: AbortSignal): Promise<void> {
    const all = [this.functions, this.jobs, this.pods, this.services, this.servingPods];
    const running = all.map((reflector) => reflector.run(stop));
    try {
      await Promise.all(all.map((reflector) => reflector.synced(stop)));
      await this.queue.run(stop);
    } catch (error) {
      if (!stop.aborted) throw error;
    }
    await Promise.all(running);
  }

  private add(key: string, type: Change<unknown>["type"]): void {
    if (key !== "" && this.isHere(key)) this.queue.add(key, type === "resync" ? "resync" : "normal");
  }

  /** Whether a function is at home on this replica. What a later builder has worked on is at home on such a one. */
  private isHere(key: string): boolean {
    const { functions, services } = this.cluster;
    const service = services.get(key);
    const decided = service === undefined ? undefined : stampOf(service)?.templateVersion;
    return this.args.ownership.owns(key, Math.max(templateVersionOf(functions.get(key)), decided ?? 1));
  }
}

/** Of pods that serve only their being Ready is of interest, and there may be thousands. */
const smallPod = ({ metadata, status }: Pod): Pod => ({
  metadata: { ...metadata, annotations: {} },
  status: {
    conditions: (status?.conditions ?? []).filter(({ type }) => type === "Ready"),
    containerStatuses: (status?.containerStatuses ?? []).filter(({ name }) => name === FUNCTION_CONTAINER),
  },
});

/** Labels of the replicas' Leases. */
export const leaseLabels = selectorLabels("builder");
