import { amount, type Quantity } from "../settings/scalars";
import type { Settings } from "../settings/schema";

/** EC2's instance category: compute, general purpose, memory. */
export type Category = Settings["buildNodes"]["instanceCategories"][number];

/** GiB of memory for each vCPU. */
export const GIB_PER_VCPU: Readonly<Record<Category, number>> = { c: 2, m: 4, r: 8 };

/** vCPUs of the sizes from `large` to `24xlarge` that all three categories have. */
const SIZES = [2, 4, 8, 16, 32, 48, 64, 96] as const;

/**
 * vCPUs of the nodes that builds are counted in where nothing asks for larger ones: `2xlarge`. A large batch gets larger
 * nodes, which lose a smaller share to themselves, so a count in this size is on the safe side.
 */
export const REFERENCE_VCPUS = 8;

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** What a pod requests. */
export interface Requests {
  cpu: Quantity;
  memory: Quantity;
  "ephemeral-storage"?: Quantity;
}

/** What a node has left for pods: cores, bytes, bytes. */
export interface Allocatable {
  cpu: number;
  memory: number;
  disk: number;
}

export interface Node {
  category: Category;
  vcpus: number;
  allocatable: Allocatable;
}

/**
 * A node less what its own system takes, as Karpenter counts it: `kubeReservedResources` and `memory` of
 * pkg/providers/instancetype/types.go (6 %, 1 %, 0.5 %, 0.5 %, then 0.25 % of the cores; 255 Mi + 11 Mi a pod; 7.5 % of the
 * memory for the hypervisor; 1 Gi of disk), kubelet's eviction thresholds (100 Mi, 10 % of the disk) and EKS's cap on pods
 * under prefix delegation, which Auto Mode uses (110, from 30 vCPU on 250).
 */
export function node(category: Category, vcpus: number, disk: Quantity): Node {
  const reservedCpu =
    0.06 + 0.01 * Math.min(vcpus - 1, 1) + 0.005 * clamp(vcpus - 2, 2) + 0.0025 * clamp(vcpus - 4, Infinity);
  const pods = vcpus > 30 ? 250 : 110;
  const memory = vcpus * GIB_PER_VCPU[category] * GIB;
  return {
    category,
    vcpus,
    allocatable: {
      cpu: vcpus - reservedCpu,
      memory: memory * 0.925 - (255 + 11 * pods + 100) * MIB,
      disk: Math.max(0, amount(disk) * 0.9 - GIB),
    },
  };
}

const clamp = (value: number, most: number): number => Math.min(Math.max(value, 0), most);

/** How many pods of one kind fit on a node. */
export function podsOn({ allocatable }: Node, requests: Requests): number {
  const fit = (room: number, request: Quantity): number => Math.floor(room / amount(request) + 1e-9);
  return Math.min(
    fit(allocatable.cpu, requests.cpu),
    fit(allocatable.memory, requests.memory),
    requests["ephemeral-storage"] === undefined
      ? Infinity
      : fit(allocatable.disk, requests["ephemeral-storage"]),
  );
}

/** How builds of one size lie on the nodes of one category. */
export interface Packing {
  category: Category;
  /** The size that builds are counted in: the smallest from {@link REFERENCE_VCPUS} up that holds one. */
  reference: Node;
  /** Builds on a node of that size. */
  perNode: number;
  /** The smallest size that holds a build: what a single build gets. */
  smallest: Node;
  /** Most builds within so many vCPUs of nodes. Never falls as they rise. */
  within: (vcpus: number) => number;
  /** Fewest vCPUs of nodes that hold so many builds. */
  vcpusFor: (builds: number) => number;
}

/** How builds lie on the nodes of a category, or undefined where none of its sizes holds a single one. */
export function pack(category: Category, requests: Requests, disk: Quantity): Packing | undefined {
  const nodes = SIZES.map((vcpus) => node(category, vcpus, disk));
  const reference = nodes.find(
    (candidate) => candidate.vcpus >= REFERENCE_VCPUS && podsOn(candidate, requests) > 0,
  );
  const smallest = nodes.find((candidate) => podsOn(candidate, requests) > 0);
  if (reference === undefined || smallest === undefined) return undefined;
  const perNode = podsOn(reference, requests);
  const descending = nodes.filter(({ vcpus }) => vcpus <= reference.vcpus).reverse();

  const within = (vcpus: number): number => {
    let left = vcpus;
    let builds = 0;
    for (const size of descending) {
      const count = Math.max(0, Math.floor(left / size.vcpus));
      builds += count * podsOn(size, requests);
      left -= count * size.vcpus;
    }
    return builds;
  };
  const vcpusFor = (builds: number): number => {
    const full = Math.floor(builds / perNode);
    let rest = 0;
    while (within(rest) < builds - full * perNode) rest += SIZES[0];
    return full * reference.vcpus + rest;
  };
  return { category, reference, perNode, smallest, within, vcpusFor };
}
