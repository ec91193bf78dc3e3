import { CONTEXT_CONTAINER } from "../build/buildJob";
import { readRecord } from "../build/buildRecord";
import type { Job, Pod } from "../kubernetes/resources";
import type { TokenClaims } from "./token";

/** What is known of a build. */
export interface KnownBuild {
  /** Undefined: this replica has not seen it. */
  job: Job | undefined;
  pods: readonly Pod[];
}

/**
 * Whether a token holds.
 * - `live`: its build's pod waits for what it asks for, and it is this pod that asks.
 * - `unseen`: nothing that this replica has seen says so. It may be behind: ask again.
 * - `ended`: the build is over, or past the point where it needs anything.
 * - `forged`: the Job of that name is another build.
 */
export type Standing = "live" | "unseen" | "ended" | "forged";

/**
 * Whether a token whose signature is right holds now, for whoever asks from `address`. A token that was read from a Job's spec is worth
 * nothing in another pod, and nothing any more once the build's own code runs.
 */
export function standingOf(
  claims: TokenClaims,
  { job, pods }: KnownBuild,
  address: string | undefined,
): Standing {
  if (!job) return "unseen";
  const record = readRecord(job);
  if (job.metadata.name !== claims.job) return "forged";
  if (record?.namespace !== claims.namespace || record.contextHash !== claims.context) return "forged";
  if (job.metadata.deletionTimestamp !== undefined || hasEnded(job)) return "ended";
  const own = pods.filter(({ metadata }) =>
    (metadata.ownerReferences ?? []).some(({ uid }) => uid === job.metadata.uid),
  );
  const pod = own.find((candidate) => addressesOf(candidate).includes(plain(address ?? "")));
  if (!pod) return "unseen";
  return hasContext(pod) ? "ended" : "live";
}

const hasEnded = ({ status }: Job): boolean =>
  status?.completionTime !== undefined ||
  (status?.conditions ?? []).some(
    ({ type, status: holds }) =>
      holds === "True" && ["Complete", "Failed", "FailureTarget", "SuccessCriteriaMet"].includes(type),
  );

/** A pod that has ended has no address: it may be another's by now. */
const addressesOf = ({ status }: Pod): string[] =>
  status?.phase === "Succeeded" || status?.phase === "Failed"
    ? []
    : [...(status?.podIPs ?? []).map(({ ip }) => ip), status?.podIP ?? ""]
        .filter((ip) => ip !== "")
        .map(plain);

/** Whether the init container has ended: all that comes after it is the user's. */
const hasContext = ({ status }: Pod): boolean =>
  (status?.initContainerStatuses ?? []).some(
    ({ name, state }) => name === CONTEXT_CONTAINER && state?.terminated !== undefined,
  );

/** An IPv4 address as a socket for both versions writes it, without what it puts before it. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");
