import { readRecord } from "../build/buildRecord";
import type { Store } from "../kubernetes/store";
import { keyOf, keyText } from "../kubernetes/objects";
import type { Job, LambdaFunction, OpenObject, Pod } from "../kubernetes/resources";
import { LABELS } from "../../contract/labels";

/** The cluster as the watches have it. */
export interface Cluster {
  functions: Store<LambdaFunction>;
  jobs: Store<Job>;
  /** Of builds. */
  pods: Store<Pod>;
  services: Store<OpenObject>;
  /** Of functions that serve. */
  servingPods: Store<Pod>;
}

/** The function that a build's Job or pod, or a Service, is of; "" for none. */
export const functionOf = ({ metadata }: Job | Pod | OpenObject): string => {
  const name = metadata.labels?.[LABELS.function];
  const namespace = metadata.labels?.[LABELS.functionNamespace] ?? metadata.namespace;
  return name === undefined || namespace === undefined ? "" : keyText({ namespace, name });
};

export const functionIndexes = {
  /** Those that ask for a pod that is kept. */
  keepAlive: ({ metadata }: LambdaFunction) =>
    metadata.labels?.[LABELS.keepAlive] === "true" ? ["true"] : [],
};

/** The functions whose labels ask for a pod that is kept. */
export const labelledToKeep = ({ functions }: Cluster): LambdaFunction[] => functions.by("keepAlive", "true");

export const jobIndexes = {
  function: (job: Job) => [functionOf(job)],
  /** Builds of one image: in a namespace, of one hash. */
  image: (job: Job) => {
    const record = readRecord(job);
    return record === undefined ? [] : [record.image];
  },
};

/** Label of a pod that serves: its revision. */
export const REVISION_LABEL = "serving.knative.dev/revision";

export const servingPodIndexes = {
  revision: ({ metadata }: Pod) => [`${metadata.namespace ?? ""}/${metadata.labels?.[REVISION_LABEL] ?? ""}`],
};

export const podIndexes = {
  job: (pod: Pod) =>
    (pod.metadata.ownerReferences ?? []).filter(({ kind }) => kind === "Job").map(({ uid }) => uid),
};

/** A Job has come to its end. */
export const hasEnded = ({ status }: Job): boolean =>
  status?.conditions?.some(
    ({ type, status: is }) => is === "True" && (type === "Complete" || type === "Failed"),
  ) ?? false;

export const isComplete = ({ status }: Job): boolean =>
  status?.conditions?.some(({ type, status: is }) => is === "True" && type === "Complete") ?? false;

/** A Job that is a build of this very function, and stays. */
export const isOf = (fn: LambdaFunction, job: Job | undefined): job is Job =>
  job !== undefined &&
  job.metadata.deletionTimestamp === undefined &&
  readRecord(job)?.uid === fn.metadata.uid;

/** The Jobs of this very object, not of another that had its name. */
export const jobsOf = ({ jobs }: Cluster, fn: LambdaFunction): Job[] =>
  jobs.by("function", keyOf(fn)).filter((job) => readRecord(job)?.uid === fn.metadata.uid);

/** Label by which Kubernetes marks the pods of a Job, with its UID. */
export const CONTROLLER_UID_LABEL = "batch.kubernetes.io/controller-uid";

/** The pod that was made last. */
export const lastOf = (pods: readonly Pod[]): Pod | undefined =>
  [...pods]
    .sort((a, b) => (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? ""))
    .at(-1);

/** The last pod of a Job, as the watch has it. */
export const podOf = ({ pods }: Cluster, job: Job): Pod | undefined =>
  lastOf(pods.by("job", job.metadata.uid ?? ""));
