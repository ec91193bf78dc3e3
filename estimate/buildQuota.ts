import { least, multiply, type Quantity } from "../settings/scalars";

export interface BuildQuotaArgs {
  /** Most builds that run at once. */
  kanikoJobLimit: number;
  /** What one build requests. */
  requests: { cpu: Quantity; memory: Quantity; "ephemeral-storage": Quantity };
  /** Most that the pool of build nodes may hold. Absent: the stack has no such pool. */
  poolLimits?: { cpu: Quantity; memory: Quantity } | undefined;
}

/** What the builds may use together: the quota of the build queue. */
export interface BuildQuota {
  pods: number;
  cpu: Quantity;
  memory: Quantity;
  ephemeralStorage: Quantity;
}

/**
 * The quota that lets `kanikoJobLimit` builds run at once. CPU and memory stop at what the pool of build nodes may hold: a build beyond
 * that would be admitted, and its pod would wait for a node that never comes. Disk has no limit in a pool: each node brings its own.
 */
export function buildQuota({ kanikoJobLimit, requests, poolLimits }: BuildQuotaArgs): BuildQuota {
  const cpu = multiply(requests.cpu, kanikoJobLimit);
  const memory = multiply(requests.memory, kanikoJobLimit);
  return {
    pods: kanikoJobLimit,
    cpu: poolLimits ? least(cpu, poolLimits.cpu) : cpu,
    memory: poolLimits ? least(memory, poolLimits.memory) : memory,
    ephemeralStorage: multiply(requests["ephemeral-storage"], kanikoJobLimit),
  };
}
