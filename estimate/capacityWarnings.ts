import { amount, multiply } from "../settings/scalars";
import type { Settings } from "../settings/schema";
import { BASE_VCPUS, baseVcpus } from "./baseLoad";
import { type Bound, putsPerColdBuild } from "./bounds";
import { GIB_PER_VCPU, node, type Packing, podsOn } from "./nodes";
import { packings, poolVcpus } from "./packings";

/** Quota codes of EC2's standard instances. */
const QUOTA = {
  spot: { code: "L-34B43A08", setting: "quotas.spotVcpus" },
  "on-demand": { code: "L-1216C47A", setting: "quotas.onDemandVcpus" },
} as const;

/** What keeps `kanikoJobLimit` from being reached, each with what to raise to what. */
export function capacityWarnings(settings: Settings, bounds: readonly Bound[]): string[] {
  if (settings.target === "cluster") return [];
  const atOnce = (id: Bound["id"]): number => bounds.find((bound) => bound.id === id)?.atOnce ?? Infinity;
  const limit = settings.builderService.kanikoJobLimit;
  const fitting = packings(settings);
  const [best] = byBuilds(settings, fitting);
  if (best === undefined) return [...tooLarge(settings), ...baseNodes(settings)];
  return [
    ...(atOnce("node-pool") < limit
      ? [pool(settings, best, atOnce("node-pool"))]
      : otherCategories(settings, fitting)),
    ...(atOnce("vcpu-quota") < limit
      ? [vcpuQuota(settings, fewestVcpus(fitting, limit, best), atOnce("vcpu-quota"))]
      : []),
    ...disk(settings, best),
    ...putImage(settings, bounds),
    ...baseNodes(settings),
  ];
}

/** The categories, the one of which the pool's limits hold most builds first. */
function byBuilds({ buildNodes }: Settings, fitting: readonly Packing[]): Packing[] {
  const builds = (packing: Packing): number => packing.within(poolVcpus(buildNodes, packing));
  return [...fitting].sort((a, b) => builds(b) - builds(a));
}

/** The category that holds so many builds in the fewest vCPUs. */
const fewestVcpus = (fitting: readonly Packing[], builds: number, first: Packing): Packing =>
  fitting.reduce(
    (best, packing) => (packing.vcpusFor(builds) < best.vcpusFor(builds) ? packing : best),
    first,
  );

const reached = (settings: Settings): string => {
  const { kanikoJobLimit, kaniko } = settings.builderService;
  const { cpu, memory } = kaniko.resources.requests;
  return `${kanikoJobLimit} builds at ${cpu} CPU and ${memory} need ${multiply(cpu, kanikoJobLimit)} CPU and ${multiply(memory, kanikoJobLimit)}`;
};

const nodesOf = ({ category, reference }: Packing, vcpus: number): string =>
  `${vcpus} vCPU and ${vcpus * GIB_PER_VCPU[category]} GiB of ${category} nodes (${reference.vcpus} vCPU each)`;

function pool(settings: Settings, packing: Packing, builds: number): string {
  const { kanikoJobLimit } = settings.builderService;
  const vcpus = packing.vcpusFor(kanikoJobLimit);
  return `kanikoJobLimit ${kanikoJobLimit} can't be counted on: the build nodes' limits hold ${builds}. ${reached(settings)}, so ${nodesOf(packing, vcpus)}. Raise ${raise(settings, packing, vcpus)}.`;
}

/** The limits of the pool that are below so many vCPUs of a category, with what they are and should be. */
function raise({ buildNodes }: Settings, { category }: Packing, vcpus: number): string {
  const { cpu, memory } = buildNodes.limits;
  const gib = vcpus * GIB_PER_VCPU[category];
  return [
    ...(amount(cpu) < vcpus ? [`buildNodes.limits.cpu from ${cpu} to ${vcpus}`] : []),
    ...(amount(memory) < gib * 1024 ** 3 ? [`buildNodes.limits.memory from ${memory} to ${gib}Gi`] : []),
  ].join(" and ");
}

function vcpuQuota(settings: Settings, packing: Packing, builds: number): string {
  const { kanikoJobLimit } = settings.builderService;
  const { capacityType } = settings.buildNodes;
  const { code, setting } = QUOTA[capacityType];
  const base = capacityType === "on-demand" ? baseVcpus(settings) : 0;
  const vcpus = packing.vcpusFor(kanikoJobLimit);
  const beside = base > 0 ? ` beside the ${base} of the base nodes` : "";
  return `kanikoJobLimit ${kanikoJobLimit} can't be reached: EC2's ${capacityType} vCPU quota holds ${builds}. ${reached(settings)}, so ${nodesOf(packing, vcpus)}${beside}. Have AWS raise quota ${code} to ${vcpus + base}, then set ${setting}.`;
}

/** Karpenter chooses the category. One with more memory to a core meets the memory limit with fewer builds. */
function otherCategories(settings: Settings, fitting: readonly Packing[]): string[] {
  const { kanikoJobLimit } = settings.builderService;
  const { buildNodes } = settings;
  return fitting
    .map((packing) => ({ packing, builds: packing.within(poolVcpus(buildNodes, packing)) }))
    .filter(({ builds }) => builds < kanikoJobLimit)
    .map(({ packing, builds }) => {
      const vcpus = packing.vcpusFor(kanikoJobLimit);
      return `On ${packing.category} nodes alone the build nodes' limits hold ${builds} builds, not ${kanikoJobLimit}: those take ${nodesOf(packing, vcpus)}. Raise ${raise(settings, packing, vcpus)}, or leave ${packing.category} out of buildNodes.instanceCategories.`;
    });
}

/** Where the disk, and not cores or memory, says how many builds lie on a node. */
function disk(settings: Settings, packing: Packing): string[] {
  const { requests } = settings.builderService.kaniko.resources;
  const room = node(packing.category, packing.reference.vcpus, settings.buildNodes.disk);
  const byRest = podsOn(room, { cpu: requests.cpu, memory: requests.memory });
  if (packing.perNode >= byRest) return [];
  const needed = Math.ceil((byRest * amount(requests["ephemeral-storage"]) + 1024 ** 3) / 0.9 / 1024 ** 3);
  return [
    `buildNodes.disk ${settings.buildNodes.disk} holds ${packing.perNode} builds on a node that has the cores and memory for ${byRest}. Raise it to ${needed}Gi.`,
  ];
}

function tooLarge(settings: Settings): string[] {
  const { requests } = settings.builderService.kaniko.resources;
  return [
    `No node of the categories ${settings.buildNodes.instanceCategories.join(", ")} holds one build of ${requests.cpu} CPU, ${requests.memory} and ${requests["ephemeral-storage"]} of disk. Lower builderService.kaniko.resources.requests, or raise buildNodes.disk (${settings.buildNodes.disk}).`,
  ];
}

function putImage(settings: Settings, bounds: readonly Bound[]): string[] {
  const perHour = (id: Bound["id"]): number => bounds.find((bound) => bound.id === id)?.perHour ?? Infinity;
  const slots = Math.min(
    ...bounds.filter(({ id }) => id !== "put-image").map((bound) => bound.perHour ?? Infinity),
  );
  if (perHour("put-image") >= slots) return [];
  const puts = putsPerColdBuild(settings.builderService.kaniko);
  return [
    `ECR's PutImage quota lets ${Math.floor(perHour("put-image"))} cold builds through in an hour, the slots ${Math.floor(slots)}. Have AWS raise quota L-AD52DFB2 to ${Math.ceil((slots / 3600) * puts)} a second, then set quotas.ecrPutImagePerSecond.`,
  ];
}

/** The platform itself runs on demand: without quota for that there is no build at all. */
function baseNodes(settings: Settings): string[] {
  const needed = baseVcpus(settings);
  const { onDemandVcpus } = settings.quotas;
  if (onDemandVcpus >= needed) return [];
  return [
    `EC2's on-demand vCPU quota of ${onDemandVcpus} is below what the base nodes take: ${needed} vCPU in ${needed / BASE_VCPUS} nodes. Have AWS raise quota ${QUOTA["on-demand"].code} to ${needed} or more, then set quotas.onDemandVcpus.`,
  ];
}
