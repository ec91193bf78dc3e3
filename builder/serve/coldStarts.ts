import type { Pod } from "../kubernetes/resources";

const REVISION = "serving.knative.dev/revision";

interface Revision {
  /** Pods of it, and whether each is Ready. */
  pods: Map<string, boolean>;
  /** The start that is being measured. */
  start: { pod: string; at: number } | undefined;
}

/**
 * Measures cold starts: from a revision's first pod appearing, with no other Ready, to that pod being Ready, by one monotonic clock. Pods
 * that were there before the watch began have no beginning that anybody saw, and are not measured.
 */
export class ColdStarts {
  private readonly revisions = new Map<string, Revision>();

  /**
   * @param observe Told of each cold start, in seconds
   * @param now Monotonic clock, in milliseconds
   */
  constructor(
    private readonly observe: (pod: Pod, seconds: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param seenBorn Whether the pod's beginning was watched; false for what the first list shows */
  see(pod: Pod, seenBorn: boolean): void {
    const key = revisionOf(pod);
    const { uid } = pod.metadata;
    if (key === undefined || uid === undefined) return;
    const revision = this.revisions.get(key) ?? { pods: new Map<string, boolean>(), start: undefined };
    this.revisions.set(key, revision);
    const ready = isReady(pod);
    const isNew = !revision.pods.has(uid);
    const othersReady = [...revision.pods].some(([other, is]) => other !== uid && is);
    if (isNew && seenBorn && !ready && !othersReady && revision.start === undefined)
      revision.start = { pod: uid, at: this.now() };
    revision.pods.set(uid, ready && pod.metadata.deletionTimestamp === undefined);
    if (!ready || revision.start === undefined) return;
    const { start } = revision;
    revision.start = undefined;
    if (start.pod === uid) this.observe(pod, (this.now() - start.at) / 1000);
  }

  gone(pod: Pod): void {
    const key = revisionOf(pod);
    const revision = key === undefined ? undefined : this.revisions.get(key);
    if (key === undefined || revision === undefined) return;
    revision.pods.delete(pod.metadata.uid ?? "");
    if (revision.start?.pod === pod.metadata.uid) revision.start = undefined;
    if (revision.pods.size === 0) this.revisions.delete(key);
  }
}

const revisionOf = ({ metadata }: Pod): string | undefined => {
  const name = metadata.labels?.[REVISION];
  return name === undefined ? undefined : `${metadata.namespace ?? ""}/${name}`;
};

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
