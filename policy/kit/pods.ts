import { TYPES } from "./types";

export interface SecurityContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  readOnlyRootFilesystem?: boolean;
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  capabilities?: { add?: string[]; drop?: string[] };
}

export interface Container {
  name: string;
  image?: string;
  env?: { name: string; value?: string }[];
  securityContext?: SecurityContext;
  livenessProbe?: object;
  readinessProbe?: object;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}

export interface PodSpec {
  containers?: Container[];
  initContainers?: Container[];
  securityContext?: SecurityContext;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  volumes?: { name: string; hostPath?: object }[];
  topologySpreadConstraints?: { topologyKey?: string }[];
}

export type Labels = Record<string, string>;

export interface PodTemplate {
  metadata?: { labels?: Labels };
  spec?: PodSpec;
}

/** Any kind that carries pods. */
export interface Workload {
  metadata: { name?: string; labels?: Labels };
  spec: PodSpec & {
    replicas?: number;
    template?: PodTemplate;
    jobTemplate?: { spec?: { template?: PodTemplate } };
  };
}

/** The pods of a workload, whatever its kind. */
export function podTemplate(type: string, props: Partial<Workload>): PodTemplate {
  if (type === TYPES.pod)
    return {
      ...(props.metadata === undefined ? {} : { metadata: props.metadata }),
      ...(props.spec === undefined ? {} : { spec: props.spec }),
    };
  return (type === TYPES.cronJob ? props.spec?.jobTemplate?.spec?.template : props.spec?.template) ?? {};
}

/** Containers of a workload's pods, those that only start them too, each with what its pod says for all. */
export function containersOf(
  type: string,
  props: Partial<Workload>,
): { container: Container; pod: PodSpec }[] {
  const pod = podTemplate(type, props).spec ?? {};
  return [...(pod.initContainers ?? []), ...(pod.containers ?? [])].map((container) => ({ container, pod }));
}

/** What the platform's policies can't see of pods, in one sentence. */
export const PODS_UNSEEN =
  "Pods inside charts, those that the Knative operator makes, and the functions and builds that the builder makes at run time.";

/** A selector of labels; empty or absent it selects everything. */
export interface Selector {
  matchLabels?: Labels;
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[];
}

/** Whether a selector of labels, with `matchLabels` alone, selects a pod. */
export const selects = (selector: Selector | undefined, labels: Labels): boolean =>
  (selector?.matchExpressions ?? []).length === 0 &&
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);

/**
 * Whether a selector selects a pod, or might.
 * @param labels of the pod; undefined for one that has any value
 */
export function maySelect(
  selector: Selector | undefined,
  labels: Readonly<Record<string, string | undefined>>,
): boolean {
  const has = (key: string): boolean => Object.hasOwn(labels, key);
  const mayBe = (key: string, values: readonly string[]): boolean => {
    const value = labels[key];
    return has(key) && (value === undefined || values.includes(value));
  };
  return (
    Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => mayBe(key, [value])) &&
    (selector?.matchExpressions ?? []).every(({ key = "", operator, values = [] }) => {
      if (operator === "In") return mayBe(key, values);
      if (operator === "NotIn") return labels[key] === undefined || !values.includes(labels[key]);
      if (operator === "DoesNotExist") return !has(key);
      return has(key);
    })
  );
}
