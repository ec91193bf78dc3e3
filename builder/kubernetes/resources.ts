import type {
  V1Job,
  V1Lease,
  V1Pod,
  V1Secret,
  V1SubjectAccessReview,
  V1TokenReview,
} from "@kubernetes/client-node";
import { FUNCTION_KIND, FUNCTION_PLURAL } from "../../contract/function/crd";
import type { FunctionSpec } from "../../contract/function/spec";
import type { FunctionStatus } from "../../contract/function/status";
import { API_GROUP, API_VERSION } from "../../contract/names";
import type { ApiObject, ObjectKey, Wire } from "./objects";

/** A kind of object, and where the API server has it. */
export interface Resource<T extends ApiObject = ApiObject> {
  /** "" for the core group. */
  group: string;
  version: string;
  plural: string;
  kind: string;
  namespaced: boolean;
  /** Never set: carries the type of the objects. */
  readonly object?: T;
}

export interface LambdaFunction extends ApiObject {
  spec: FunctionSpec;
  status?: FunctionStatus;
}

/** An object of which only a part is read: the rest is kept as it is. */
export interface OpenObject extends ApiObject {
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export type Job = Wire<V1Job>;
export type Pod = Wire<V1Pod>;
export type Secret = Wire<V1Secret>;
export type Lease = Wire<V1Lease>;
/** An Event of events.k8s.io, as it is written. */
export interface EventObject extends ApiObject {
  type: "Normal" | "Warning";
  reason: string;
  action: string;
  note: string;
  eventTime: string;
  reportingController: string;
  reportingInstance: string;
  regarding: Record<"namespace" | "name", string> &
    Record<"apiVersion" | "kind" | "uid" | "resourceVersion", string | undefined>;
  series?: { count: number; lastObservedTime: string };
}

const resource = <T extends ApiObject>(
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced = true,
): Resource<T> => ({ group, version, plural, kind, namespaced });

export const FUNCTIONS = resource<LambdaFunction>(API_GROUP, API_VERSION, FUNCTION_PLURAL, FUNCTION_KIND);
export const JOBS = resource<Job>("batch", "v1", "jobs", "Job");
export const PODS = resource<Pod>("", "v1", "pods", "Pod");
export const SECRETS = resource<Secret>("", "v1", "secrets", "Secret");
export const CONFIG_MAPS = resource<ApiObject & { data?: Record<string, string> }>(
  "",
  "v1",
  "configmaps",
  "ConfigMap",
);
export const EVENTS = resource<EventObject>("events.k8s.io", "v1", "events", "Event");
export const LEASES = resource<Lease>("coordination.k8s.io", "v1", "leases", "Lease");
export const SERVICES = resource<OpenObject>("serving.knative.dev", "v1", "services", "Service");
export const LOCAL_QUEUES = resource<OpenObject>("kueue.x-k8s.io", "v1beta2", "localqueues", "LocalQueue");
export const TOKEN_REVIEWS = resource<Wire<V1TokenReview>>(
  "authentication.k8s.io",
  "v1",
  "tokenreviews",
  "TokenReview",
  false,
);
export const ACCESS_REVIEWS = resource<Wire<V1SubjectAccessReview>>(
  "authorization.k8s.io",
  "v1",
  "subjectaccessreviews",
  "SubjectAccessReview",
  false,
);

export const apiVersionOf = ({ group, version }: Resource): string =>
  group === "" ? version : `${group}/${version}`;

/**
 * The path of a collection, of one object, or of its subresource.
 * @throws RangeError on a name that would lead to another path
 */
export function pathOf(
  { group, version, plural, namespaced }: Resource,
  { namespace, name }: Partial<ObjectKey> = {},
  subresource?: string,
): string {
  if (name !== undefined && namespaced && namespace === undefined)
    throw new RangeError(`${plural} have a namespace, and ${name} was asked for without one`);
  return [
    group === "" ? "/api" : `/apis/${segment(group)}`,
    version,
    ...(namespaced && namespace !== undefined ? ["namespaces", segment(namespace)] : []),
    plural,
    ...(name === undefined ? [] : [segment(name)]),
    ...(subresource === undefined ? [] : [subresource]),
  ].join("/");
}

function segment(text: string): string {
  // What a URL resolves: "..", and what percent-encoding would leave in place.
  if (text === "" || text === "." || text === ".." || /[/%\\]/.test(text))
    throw new RangeError(`${JSON.stringify(text)} is no name of an object`);
  return encodeURIComponent(text);
}
