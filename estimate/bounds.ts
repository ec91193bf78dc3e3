import { amount } from "../settings/scalars";
import type { Settings } from "../settings/schema";
import { baseVcpus } from "./baseLoad";
import { buildQuota } from "./buildQuota";
import { GIB_PER_VCPU, type Packing } from "./nodes";
import { packings, poolVcpus } from "./packings";

export type BoundId =
  | "job-limit"
  | "queue-cpu"
  | "queue-memory"
  | "queue-disk"
  | "node-pool"
  | "vcpu-quota"
  | "cluster-nodes"
  | "put-image";

/** One thing that holds builds back. */
export interface Bound {
  id: BoundId;
  label: string;
  /** Builds that it lets run at once; undefined where that can't be known from the settings. */
  atOnce: number | undefined;
  /** Builds that it lets through in an hour; undefined where `atOnce` is. */
  perHour: number | undefined;
  /** How the figures come about. */
  how: string;
}

/** Cached layers that a cold build of the two-stage Dockerfile pushes, of which the RUNs alone without `cacheCopyLayers`. */
const CACHED_LAYERS = { all: 5, runs: 2 };
/** PutImage calls of a build that finds nothing in the cache: one for each layer that it adds there and one for its image. */
export function putsPerColdBuild({ cache, cacheCopyLayers }: Settings["builderService"]["kaniko"]): number {
  if (!cache) return 1;
  return 1 + (cacheCopyLayers ? CACHED_LAYERS.all : CACHED_LAYERS.runs);
}

type SlotBound = Omit<Bound, "perHour">;

/** What bounds the builds that run at once. Each holds only so many, so an hour has room for as many as they take turns. */
export function slotBounds(settings: Settings): Bound[] {
  const { buildSeconds } = settings.budget.assumptions;
  return [...queueBounds(settings), ...nodeBounds(settings)].map((bound) => ({
    ...bound,
    perHour: bound.atOnce === undefined ? undefined : (bound.atOnce * 3600) / buildSeconds,
  }));
}

function queueBounds(settings: Settings): SlotBound[] {
  const { kanikoJobLimit, kaniko } = settings.builderService;
  const { requests } = kaniko.resources;
  const quota = buildQuota({
    kanikoJobLimit,
    requests,
    poolLimits: settings.target === "aws" ? settings.buildNodes.limits : undefined,
  });
  const admitted = (total: string, request: string): Pick<Bound, "atOnce" | "how"> => ({
    atOnce: Math.floor(amount(total) / amount(request) + 1e-9),
    how: `${total} at ${request} a build`,
  });
  return [
    { id: "job-limit", label: "kanikoJobLimit", atOnce: kanikoJobLimit, how: "the queue's quota of pods" },
    { id: "queue-cpu", label: "queue's quota of CPU", ...admitted(quota.cpu, requests.cpu) },
    { id: "queue-memory", label: "queue's quota of memory", ...admitted(quota.memory, requests.memory) },
    {
      id: "queue-disk",
      label: "queue's quota of disk",
      ...admitted(quota.ephemeralStorage, requests["ephemeral-storage"]),
    },
  ];
}

function nodeBounds(settings: Settings): SlotBound[] {
  if (settings.target === "cluster") {
    return [
      {
        id: "cluster-nodes",
        label: "nodes of the cluster",
        atOnce: undefined,
        how: "not known: the cluster's nodes are not this stack's",
      },
    ];
  }
  const { buildNodes, quotas } = settings;
  const onDemand = buildNodes.capacityType === "on-demand";
  const base = onDemand ? baseVcpus(settings) : 0;
  const quota = onDemand ? quotas.onDemandVcpus : quotas.spotVcpus;
  return [
    {
      id: "node-pool",
      label: "build nodes' limits",
      ...most(settings, (packing) => poolVcpus(buildNodes, packing)),
    },
    {
      id: "vcpu-quota",
      label: `EC2's ${buildNodes.capacityType} vCPU quota`,
      ...most(
        settings,
        () => quota - base,
        onDemand ? `${quota} vCPU less ${base} of the base nodes: ` : `${quota} vCPU: `,
      ),
    },
  ];
}

/** Builds on the category of nodes that holds most of them within so many vCPUs. */
function most(
  settings: Settings,
  vcpus: (packing: Packing) => number,
  before = "",
): Pick<SlotBound, "atOnce" | "how"> {
  const [best] = packings(settings)
    .map((packing) => ({ packing, vcpus: vcpus(packing), builds: packing.within(vcpus(packing)) }))
    .sort((a, b) => b.builds - a.builds);
  if (best === undefined) return { atOnce: 0, how: "no node of the allowed categories holds one build" };
  const { category, reference, perNode } = best.packing;
  const full = Math.max(0, Math.floor(best.vcpus / reference.vcpus));
  const memory = reference.vcpus * GIB_PER_VCPU[category];
  const rest = best.builds - full * perNode;
  const size = `of ${reference.vcpus} vCPU and ${memory} GiB`;
  const nodes =
    full === 0
      ? `${category} nodes below ${reference.vcpus} vCPU`
      : full === 1
        ? `1 ${category} node ${size} with ${perNode} builds`
        : `${full} ${category} nodes ${size} with ${perNode} builds each`;
  return {
    atOnce: best.builds,
    how: before + nodes + (full > 0 && rest > 0 ? `, ${rest} on smaller ones` : ""),
  };
}

/** How fast images may be put into ECR. It bounds builds by the hour, not those that run at once. */
export function putImageBound(settings: Settings): Bound {
  const id = "put-image";
  const label = "ECR's PutImage quota";
  const puts = putsPerColdBuild(settings.builderService.kaniko);
  if (settings.target === "cluster") {
    return {
      id,
      label,
      atOnce: undefined,
      perHour: undefined,
      how: "not known: the registry is not this stack's",
    };
  }
  const perSecond = settings.quotas.ecrPutImagePerSecond;
  const { buildSeconds } = settings.budget.assumptions;
  return {
    id,
    label,
    atOnce: Math.floor((perSecond / puts) * buildSeconds),
    perHour: (perSecond / puts) * 3600,
    how: `${perSecond} a second at ${puts} a cold build: sustained; it delays a burst, and refuses none of it`,
  };
}
