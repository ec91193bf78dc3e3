/** Names that the program and the builder must agree on. What is not here is nobody else's business. */

/** API group of `LambdaFunction`. */
export const API_GROUP = "lambda.knative.io";
export const API_VERSION = "v1alpha1";

/** Where the builder runs. */
export const SYSTEM_NAMESPACE = "knative-lambda-system";
/** Where builds run (SRE-002: `kubectl get jobs -n knative-lambda`). Functions may live here too. */
export const BUILD_NAMESPACE = "knative-lambda";
export const KNATIVE_NAMESPACE = "knative-serving";
export const KNATIVE_OPERATOR_NAMESPACE = "knative-operator";
export const KUEUE_NAMESPACE = "kueue-system";

/** Deployment, Service, service account and HPA of the builder. */
export const BUILDER = "knative-lambda-builder";
/** Service account as which events of the builder's broker port are authorised. No pod runs as it. */
export const BROKER_SERVICE_ACCOUNT = "knative-lambda-broker";
/** Service account whose tokens `make trigger-build-…` asks for: may edit functions and nothing else. No pod runs as it. */
export const TRIGGER_SERVICE_ACCOUNT = "knative-lambda-trigger";
/** Secret in the builder's namespace with the key of the one-build tokens: made empty by the program, filled by the builder. */
export const BUILD_TOKEN_SECRET = "knative-lambda-build-token";
/**
 * Secret (type `kubernetes.io/dockerconfigjson`) in a function's namespace with the registry logins of its builds. Not on AWS, where each
 * build's login is minted.
 */
export const REGISTRY_SECRET = "knative-lambda-registry";
/** Service account of build pods: no token, no cloud identity. */
export const BUILD_SERVICE_ACCOUNT = "kaniko-build";
/** Container of a build's Job that runs Kaniko (SRE-002: `kubectl logs job/build-… -c kaniko`). */
export const KANIKO_CONTAINER = "kaniko";

export const CLUSTER_QUEUE = "kaniko-builds";
export const RESOURCE_FLAVOR = "kaniko-builds";

export const BUILDER_PRIORITY_CLASS = "knative-lambda-builder";
export const BUILD_PRIORITY_CLASS = "knative-lambda-build";

/** Label and taint of the nodes for builds. */
export const BUILD_NODE_KEY = "knative-lambda.io/builds";
export const BUILD_NODE_VALUE = "true";
/** Annotation of the pool of those nodes: the account's EC2 quota of vCPU for them, as the stack file has it. Read by a policy. */
export const VCPU_QUOTA = "knative-lambda.io/ec2-vcpu-quota";

/** Fixed, so that links to the dashboard live for ever. */
export const DASHBOARD_UID = "knative-lambda-performance";

/** Ports of the builder's pods. */
export const PORTS = {
  /** CloudEvents and the trigger, from authenticated callers. */
  http: 8080,
  /** CloudEvents from a broker that can't send a token; opened by NetworkPolicy. */
  broker: 8081,
  /** Build contexts and registry credentials, for build pods with a one-build token. */
  context: 8082,
  /** /metrics, /livez, /readyz. */
  metrics: 9090,
} as const;

/** Prefix of the tags on images that a Service runs or would roll back to: lifecycle rules never expire them. */
export const LIVE_TAG_PREFIX = "live-";
/** Prefix of the build contexts' keys in the source bucket. */
export const CONTEXT_PREFIX = "contexts/";
