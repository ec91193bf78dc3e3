import { API_GROUP } from "./names";

/** The product's name in labels and tags. */
export const PRODUCT = "knative-lambda";

/** Labels by which builds and functions are found and selected. */
export const LABELS = {
  /** On a build's Job and pod: `true`. NetworkPolicies select by it, as functions may share the namespace. */
  build: `${API_GROUP}/build`,
  /** On a build's Job and pod, and on a function's Service: the function's name. */
  function: `${API_GROUP}/function`,
  /** On a build's Job and pod: the function's namespace. */
  functionNamespace: `${API_GROUP}/function-namespace`,
  /** On a `LambdaFunction`, by its author: `true` asks for a pod that is kept, where the settings allow it. */
  keepAlive: `${API_GROUP}/keep-alive`,
} as const;

export type KubernetesLabels = Record<string, string>;

/** What selects the pods of one component. Never changes: a Deployment's selector can't. */
export const selectorLabels = (component: string): KubernetesLabels => ({
  "app.kubernetes.io/name": PRODUCT,
  "app.kubernetes.io/component": component,
});

/** The labels of every Kubernetes object of the platform. */
export const labels = (component: string): KubernetesLabels => ({
  ...selectorLabels(component),
  "app.kubernetes.io/part-of": PRODUCT,
  "app.kubernetes.io/managed-by": "pulumi",
});

/** Tags of every AWS resource. `Environment` is the cost allocation tag by which budget and bill are split. */
export interface Tags extends Record<string, string> {
  Project: string;
  Environment: string;
  ManagedBy: string;
}

export const tags = (stack: string): Tags => ({ Project: PRODUCT, Environment: stack, ManagedBy: "pulumi" });
