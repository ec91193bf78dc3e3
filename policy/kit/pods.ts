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

/** Whether a selector of labels, with `matchLabels` alone, selects a pod. */
export const selects = (
  selector: { matchLabels?: Labels; matchExpressions?: unknown[] } | undefined,
  labels: Labels,
): boolean =>
  (selector?.matchExpressions ?? []).length === 0 &&
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
