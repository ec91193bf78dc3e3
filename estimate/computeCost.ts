import { amount, seconds } from "../settings/scalars";
import type { Settings } from "../settings/schema";
import {
  BASE_DISK,
  BASE_PACKING,
  BASE_VCPUS,
  baseLoad,
  FEWEST_BASE_NODES,
  type Load,
  nodesFor,
  retainedPods,
} from "./baseLoad";
import type { CostLine } from "./cost";
import { type Category, GIB_PER_VCPU } from "./nodes";
import { dollars, onAverage, plural, round } from "./figures";
import { packings, poolVcpus } from "./packings";
import { AUTO_MODE_SHARE, FAMILY, MONTH_HOURS, PRICES, SPOT_SHARE, VCPU_HOUR } from "./prices";

const GIB = 1024 ** 3;
/** Seconds between a node's launch and its first pod; they are paid for too. */
const NODE_START_SECONDS = 60;
/** MiB/s that the disk of a build node has beyond the 125 that gp3 includes: components/buildNodes.ts asks for 500. */
export const PAID_BUILD_DISK_THROUGHPUT = 375;

/** Nodes that run all month, in fractions of one, on the category that is cheapest for the load. */
interface Nodes {
  category: Category;
  count: number;
  /** On demand, a month. */
  usd: number;
}

function cheapest(load: Load, architecture: Settings["platform"]["architecture"], fewest = 0): Nodes {
  const [best] = (Object.keys(GIB_PER_VCPU) as Category[])
    .map((category) => {
      const count = Math.max(fewest, nodesFor(load, category));
      return { category, count, usd: count * BASE_VCPUS * VCPU_HOUR[architecture][category] * MONTH_HOURS };
    })
    .sort((a, b) => a.usd - b.usd);
  if (best === undefined) throw new Error("there is no category of nodes");
  return best;
}

/** Control plane, nodes, Auto Mode's fee on them, and their disks. */
export function computeLines(settings: Settings): CostLine[] {
  const { architecture } = settings.platform;
  const load = baseLoad(settings);
  const base = cheapest(load.base, architecture, FEWEST_BASE_NODES);
  const functions = cheapest(load.functions, architecture);
  const keepAlive = cheapest(load.keepAlive, architecture);
  const builds = buildNodes(settings);
  const onDemandUsd = base.usd + functions.usd + keepAlive.usd + builds.onDemandUsd;
  const nodes = base.count + functions.count + keepAlive.count;
  const { budget, monitoring, builderService, knative } = settings;
  const { functionPods, functionWakesPerDay, functionCpu, functionMemory } = budget.assumptions;
  const share = `${architecture} on demand, ${BASE_PACKING * 100} % full`;

  return [
    {
      id: "control-plane",
      label: "EKS control plane",
      usd: PRICES.controlPlane.usd * MONTH_HOURS,
      assumption: `${dollars(PRICES.controlPlane.usd)} an hour, in standard support`,
    },
    {
      id: "base-nodes",
      label: "nodes of the platform",
      usd: base.usd,
      assumption: `${round(base.count)} × ${base.category}${FAMILY[architecture]}.xlarge, ${share}, never fewer than ${FEWEST_BASE_NODES}: ${plural(load.builderReplicas, "builder replica")}${builderService.autoscaling.enabled ? ` (of at most ${builderService.autoscaling.maxReplicas})` : ""}, Knative, Kueue, monitoring; ${round(load.base.cpu)} CPU and ${round(load.base.memory / GIB)} GiB`,
    },
    {
      id: "functions",
      label: "nodes of functions",
      usd: functions.usd,
      assumption: `${functionPods} pods of ${functionCpu} CPU and ${functionMemory} at work on average, and ${round(retainedPods(settings))} kept after their last request (${functionWakesPerDay} times a day for scaleToZeroRetention ${knative.scaleToZeroRetention}): ${round(functions.count)} × ${functions.category}${FAMILY[architecture]}.xlarge`,
    },
    {
      id: "keep-alive",
      label: "kept-alive functions",
      usd: keepAlive.usd,
      assumption: keptAlive(settings),
    },
    { id: "build-nodes", label: "nodes of builds", usd: builds.usd, assumption: builds.assumption },
    {
      id: "auto-mode",
      label: "EKS Auto Mode's fee",
      usd: onDemandUsd * AUTO_MODE_SHARE,
      assumption: `${AUTO_MODE_SHARE * 100} % of what all nodes cost on demand, spot ones too`,
    },
    {
      id: "disks",
      label: "EBS disks",
      usd:
        ((nodes * amount(BASE_DISK) + (monitoring.install ? amount(monitoring.storage) : 0)) / GIB) *
          PRICES.gp3.usd +
        builds.diskUsd,
      assumption: `gp3 at ${dollars(PRICES.gp3.usd)} a GB: ${BASE_DISK} a node, ${settings.buildNodes.disk} and ${PAID_BUILD_DISK_THROUGHPUT} MiB/s more than gp3's own a build node while it lives${monitoring.install ? `, ${monitoring.storage} of Prometheus` : ""}`,
    },
  ];
}

function keptAlive(settings: Settings): string {
  const { functions, minScale } = settings.keepAlive;
  const { functionCpu, functionMemory } = settings.budget.assumptions;
  const each = `${dollars(perKeptPod(settings))} a pod by its request of ${functionCpu} CPU and ${functionMemory}`;
  return functions.length === 0
    ? `none; it would be ${each}, SRE-002 says about $5 a function`
    : `${plural(functions.length, "function")}, ${plural(minScale, "pod")} each, ${each}; SRE-002 says about $5 a function, which makes $${functions.length * 5}`;
}

/** What one kept-alive pod costs a month by its requests, without Auto Mode's fee. */
export function perKeptPod({ budget, platform }: Settings): number {
  const { functionCpu, functionMemory } = budget.assumptions;
  return cheapest({ cpu: amount(functionCpu), memory: amount(functionMemory) }, platform.architecture).usd;
}

interface BuildNodesCost {
  usd: number;
  onDemandUsd: number;
  diskUsd: number;
  assumption: string;
}

/**
 * Builds come evenly over the day, at random. Those that run pay for their share of a full node. Beside them a node of the
 * smallest size lingers: the last one to empty, for `consolidateAfter`. It is up whenever a build came within the time that
 * a node lives for one, which for arrivals at random is 1 - e^(-rate × life). Now and then a wave comes, as large as job limit
 * and pool allow: all its nodes stay for `consolidateAfter`.
 */
function buildNodes(settings: Settings): BuildNodesCost {
  const { budget, platform } = settings;
  const { capacityType, consolidateAfter, disk } = settings.buildNodes;
  const { buildsPerDay, buildSeconds, buildWavesPerDay } = budget.assumptions;
  const price = (category: Category, vcpus: number): number =>
    vcpus * VCPU_HOUR[platform.architecture][category];
  const [packing] = packings(settings).sort(
    (a, b) =>
      price(a.category, a.reference.vcpus) / a.perNode - price(b.category, b.reference.vcpus) / b.perNode,
  );
  if (packing === undefined)
    return {
      usd: 0,
      onDemandUsd: 0,
      diskUsd: 0,
      assumption: "no node of the allowed categories holds one build",
    };
  const { category, reference, perNode, smallest } = packing;
  const running = onAverage(buildsPerDay, buildSeconds);
  const lingering =
    1 - Math.exp(-onAverage(buildsPerDay, NODE_START_SECONDS + buildSeconds + seconds(consolidateAfter)));
  const wave = Math.min(
    settings.builderService.kanikoJobLimit,
    packing.within(poolVcpus(settings.buildNodes, packing)),
  );
  const ofWave = Math.ceil(wave / perNode);
  const afterWaves = ofWave * onAverage(buildWavesPerDay, seconds(consolidateAfter));
  const full = running / perNode + afterWaves;
  const onDemandUsd =
    (full * price(category, reference.vcpus) + lingering * price(category, smallest.vcpus)) * MONTH_HOURS;
  const share = capacityType === "spot" ? SPOT_SHARE : 1;
  return {
    usd: onDemandUsd * share,
    onDemandUsd,
    diskUsd:
      (full + lingering) *
      ((amount(disk) / GIB) * PRICES.gp3.usd + PAID_BUILD_DISK_THROUGHPUT * PRICES.gp3Throughput.usd),
    assumption: `${buildsPerDay} builds a day of ${buildSeconds} s: ${round(running)} run on average, ${perNode} to a ${category}${FAMILY[platform.architecture]} of ${reference.vcpus} vCPU; a node of ${smallest.vcpus} vCPU is up ${Math.round(lingering * 100)} % of the time, and ${ofWave} of ${reference.vcpus} vCPU stay after ${plural(buildWavesPerDay, "wave")} a day (consolidateAfter ${consolidateAfter}); ${capacityType === "spot" ? `spot, taken as ${SPOT_SHARE * 100} % of on demand` : "on demand"}`,
  };
}
