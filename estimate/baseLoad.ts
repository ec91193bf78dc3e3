import { amount, seconds } from "../settings/scalars";
import type { Settings } from "../settings/schema";
import { onAverage } from "./figures";
import { GIB_PER_VCPU, node, type Category } from "./nodes";

/** Pods that run all the time, as what they request together. */
export interface Load {
  /** Cores. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

const MIB = 1024 ** 2;

/** Requests of one pod in millicores and MiB, and of how many there are. */
type Pods = readonly [count: number, milliCpu: number, mebibytes: number];

const sum = (pods: readonly Pods[]): Load =>
  pods.reduce<Load>(
    (total, [count, milliCpu, mebibytes]) => ({
      cpu: total.cpu + (count * milliCpu) / 1000,
      memory: total.memory + count * mebibytes * MIB,
    }),
    { cpu: 0, memory: 0 },
  );

/**
 * What the platform's own pods request. Source: the manifests of the pinned versions and the values that components/ gives them.
 * Knative Serving 1.23: activator 300m 60Mi, autoscaler, controller and webhook 100m 100Mi, autoscaler-hpa 30m 40Mi; net-kourier's
 * controller and gateway 200m 200Mi; operator and its webhook 100m 100Mi; two of Kueue 500m 512Mi; two of metrics-server 100m 200Mi;
 * Prometheus 250m 1Gi, Grafana 50m 256Mi, Prometheus operator 50m 128Mi, kube-state-metrics 20m 128Mi, Alertmanager 10m 64Mi.
 */
function platform({ knative, buildQueue, monitoring, cluster }: Settings): Load {
  const replicas = knative.replicas;
  return sum([
    ...(knative.install
      ? ([
          [replicas, 300, 60],
          [replicas, 100, 100],
          [replicas, 100, 100],
          [replicas, 100, 100],
          [replicas, 30, 40],
          [replicas, 200, 200],
          [replicas, 200, 200],
          [1, 100, 100],
          [1, 100, 100],
        ] as const)
      : []),
    ...(buildQueue.install ? ([[2, 500, 512]] as const) : []),
    ...(cluster.metricsServer ? ([[2, 100, 200]] as const) : []),
    ...(monitoring.install ? ([[1, 380, 1600]] as const) : []),
  ]);
}

/** What runs on the base nodes, by what it is for. */
export interface BaseLoad {
  /** Replicas of the builder that are counted: without an autoscaler `replicas`, with one its minimum. */
  builderReplicas: number;
  /** The builder and the platform's own pods. */
  base: Load;
  functions: Load;
  keepAlive: Load;
}

/** Pods of functions that nobody calls any more and that are kept for a while, on average. */
export const retainedPods = ({ budget, knative }: Settings): number =>
  onAverage(budget.assumptions.functionWakesPerDay, seconds(knative.scaleToZeroRetention));

export function baseLoad(settings: Settings): BaseLoad {
  const { builderService, budget, keepAlive } = settings;
  const { functionPods, functionCpu, functionMemory } = budget.assumptions;
  const builderReplicas = builderService.autoscaling.enabled
    ? builderService.autoscaling.minReplicas
    : builderService.replicas;
  const { requests } = builderService.resources;
  const own = platform(settings);
  const functionLoad = (count: number): Load => ({
    cpu: count * amount(functionCpu),
    memory: count * amount(functionMemory),
  });
  return {
    builderReplicas,
    base: {
      cpu: own.cpu + builderReplicas * amount(requests.cpu),
      memory: own.memory + builderReplicas * amount(requests.memory),
    },
    functions: functionLoad(functionPods + retainedPods(settings)),
    keepAlive: functionLoad(keepAlive.functions.length * keepAlive.minScale),
  };
}

/** vCPUs of the nodes that the base load is counted in: `xlarge`. */
export const BASE_VCPUS = 4;
/** Fewest base nodes, so that one may go. */
export const FEWEST_BASE_NODES = 2;
/** Share of a base node that is taken in practice; the rest is room that no pod happens to fit. */
export const BASE_PACKING = 0.8;
/** Disk of a base node: what Auto Mode's own NodeClass gives. Source: the NodeClass reference of EKS's user guide. */
export const BASE_DISK = "80Gi";

/** Nodes of a category that a load takes, in fractions of one. */
export function nodesFor({ cpu, memory }: Load, category: Category): number {
  const { allocatable } = node(category, BASE_VCPUS, BASE_DISK);
  return Math.max(cpu / allocatable.cpu, memory / allocatable.memory) / BASE_PACKING;
}

/** vCPUs of on-demand nodes that run all the time: what the quota of them must hold beside any builds. */
export function baseVcpus(settings: Settings): number {
  const { base, functions, keepAlive } = baseLoad(settings);
  const all: Load = {
    cpu: base.cpu + functions.cpu + keepAlive.cpu,
    memory: base.memory + functions.memory + keepAlive.memory,
  };
  const nodes = Object.keys(GIB_PER_VCPU).map((category) => Math.ceil(nodesFor(all, category as Category)));
  return BASE_VCPUS * Math.max(FEWEST_BASE_NODES, Math.min(...nodes));
}
