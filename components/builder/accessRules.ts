import { FUNCTION_PLURAL } from "../../contract/function/crd";
import { API_GROUP, BUILD_TOKEN_SECRET } from "../../contract/names";

/** A rule of a Role: every verb is named. */
export interface AccessRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

const rule = (apiGroup: string, resources: string[], verbs: string[]): AccessRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

const READ = ["get", "list", "watch"];
/** Server-side apply is a patch, and a create where the object isn't there. */
const APPLY = ["create", "patch"];

/** In every namespace: functions may live in any. */
export const clusterRules: readonly AccessRule[] = [
  // Events upsert and delete functions, for callers whose own rights are asked first.
  rule(API_GROUP, [FUNCTION_PLURAL], [...READ, ...APPLY, "delete"]),
  rule(API_GROUP, [`${FUNCTION_PLURAL}/status`], ["patch"]),
  // What a function owns blocks its deletion, which the API server permits only with this.
  rule(API_GROUP, [`${FUNCTION_PLURAL}/finalizers`], ["update"]),
  rule("serving.knative.dev", ["services"], [...READ, ...APPLY, "delete"]),
  // Cold starts run from the first pod of a revision to the first that is Ready. Builds' pods are among these.
  rule("", ["pods"], ["list", "watch"]),
  rule("events.k8s.io", ["events"], APPLY),
  // Who calls, and what they may do.
  rule("authentication.k8s.io", ["tokenreviews"], ["create"]),
  rule("authorization.k8s.io", ["subjectaccessreviews"], ["create"]),
];

/** In the build namespace. */
export const buildRules: readonly AccessRule[] = [
  rule("batch", ["jobs"], [...READ, "create", "delete"]),
  rule("", ["pods/log"], ["get"]),
  // Which Job builds an image: one at a time.
  rule("coordination.k8s.io", ["leases"], ["get", "list", ...APPLY, "delete"]),
  // A LocalQueue for each namespace that builds.
  rule("kueue.x-k8s.io", ["localqueues"], APPLY),
];

/** In each of `functions.namespaces`. Secrets can't be listed: only what a source names is read. */
export const functionNamespaceRules: readonly AccessRule[] = [
  rule("", ["secrets"], ["get"]),
  // Records of a function's builds, beside the function.
  rule("", ["configmaps"], ["get", ...APPLY]),
];

/** In the builder's own namespace. */
export const systemRules: readonly AccessRule[] = [
  rule("coordination.k8s.io", ["leases"], ["list", "watch", ...APPLY, "delete"]),
  { ...rule("", ["secrets"], ["get", "patch"]), resourceNames: [BUILD_TOKEN_SECRET] },
];

/** What users who may view a namespace may do with its functions. */
export const viewFunctions: readonly AccessRule[] = [rule(API_GROUP, [FUNCTION_PLURAL], READ)];

/** What users who may edit a namespace may do with its functions. Status is the builder's alone. */
export const editFunctions: readonly AccessRule[] = [
  rule(API_GROUP, [FUNCTION_PLURAL], [...READ, ...APPLY, "update", "delete", "deletecollection"]),
];
