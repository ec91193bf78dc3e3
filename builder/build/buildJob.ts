import type { V1Container, V1Job, V1PodSpec } from "@kubernetes/client-node";
import { KANIKO_CONTAINER, BUILDER, BUILD_NODE_VALUE } from "../../contract/names";
import { PRODUCT } from "../../contract/labels";
import type { Quantity } from "../../settings/scalars/quantity";
import type { Json, Wire } from "../kubernetes/objects";
import { buildLabels, type BuildRecord, writeRecord } from "./buildRecord";
import { jobName } from "./jobName";
import type { KanikoCommand } from "./kaniko/arguments";
import {
  CONTEXT_FOLDER,
  CREDENTIALS_FOLDER,
  INIT_CONTEXT_FOLDER,
  INIT_CREDENTIALS_FOLDER,
  TERMINATION_LOG,
} from "./podPaths";
import type { Platform } from "./platform";

/** Init container that fetches context and credentials. */
export const CONTEXT_CONTAINER = "context";
/** Label by which Kueue finds a Job's queue. */
export const QUEUE_LABEL = "kueue.x-k8s.io/queue-name";
const CONTEXT_VOLUME = "context";
const CREDENTIALS_VOLUME = "credentials";

interface Amounts {
  cpu: Quantity;
  memory: Quantity;
  "ephemeral-storage": Quantity;
}

/** What is the same for every build of a stack. */
export interface BuildJobSettings {
  /** Namespace of the Jobs. */
  namespace: string;
  serviceAccount: string;
  priorityClass: string;
  kanikoImage: string;
  /** The builder's own image, which the init container runs. */
  builderImage: string;
  /** Address under which build pods reach the builder. */
  contextUrl: string;
  platform: Platform;
  requests: Amounts;
  limits: Amounts;
  /** Label and taint of the nodes for builds; undefined where builds run on any. */
  nodeKey: string | undefined;
}

export interface BuildJobInput {
  record: BuildRecord;
  kaniko: KanikoCommand;
  /** Longest time from admission, in seconds: the function's own timeout, or the platform's where that is shorter. */
  timeoutSeconds: number;
  /** Lets the init container fetch this build's context and credentials, and nothing else. */
  token: string;
}

/** A build's Job: suspended, until the queue admits it. */
export function buildJob(settings: BuildJobSettings, input: BuildJobInput): Wire<V1Job> {
  const { record, timeoutSeconds } = input;
  const labels = {
    "app.kubernetes.io/name": PRODUCT,
    "app.kubernetes.io/component": "build",
    "app.kubernetes.io/managed-by": BUILDER,
    ...buildLabels(record),
  };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(record, record.buildHash, record.attempt),
      namespace: settings.namespace,
      // A LocalQueue for each namespace, by its name: fairness is between namespaces.
      labels: { ...labels, [QUEUE_LABEL]: record.namespace },
      annotations: writeRecord(record),
    },
    spec: {
      suspend: true,
      completions: 1,
      parallelism: 1,
      // Another attempt is another Job: only the builder knows whether it could help.
      backoffLimit: 0,
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [
          // A pod that its node lost is replaced within the attempt. Exit codes tell nothing more: Kaniko has one for everything.
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
        ],
      },
      activeDeadlineSeconds: timeoutSeconds,
      template: {
        metadata: {
          labels,
          // Where Karpenter makes the nodes, a build is no pod to move for the sake of a fuller node.
          annotations: { "karpenter.sh/do-not-disrupt": "true" },
        },
        spec: podSpec(settings, input),
      },
    },
  };
}

function podSpec(settings: BuildJobSettings, { kaniko, token }: BuildJobInput): Json<V1PodSpec> {
  const { nodeKey, platform } = settings;
  return {
    restartPolicy: "Never",
    // A build runs the user's code as root. It gets nothing of the cluster's that it could take along.
    serviceAccountName: settings.serviceAccount,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    hostNetwork: false,
    hostPID: false,
    hostIPC: false,
    shareProcessNamespace: false,
    priorityClassName: settings.priorityClass,
    terminationGracePeriodSeconds: 5,
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    nodeSelector: {
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": platform.replace("linux/", ""),
      ...(nodeKey === undefined ? {} : { [nodeKey]: BUILD_NODE_VALUE }),
    },
    tolerations:
      nodeKey === undefined
        ? []
        : [{ key: nodeKey, operator: "Equal", value: BUILD_NODE_VALUE, effect: "NoSchedule" }],
    volumes: [
      { name: CONTEXT_VOLUME, emptyDir: {} },
      // In memory: a credential is never written to a node's disk.
      { name: CREDENTIALS_VOLUME, emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    ],
    initContainers: [contextContainer(settings, token)],
    containers: [kanikoContainer(settings, kaniko)],
  };
}

/** Before anything of the user's runs: fetches what the build needs. It alone knows the token. */
const contextContainer = (settings: BuildJobSettings, token: string): Json<V1Container> => ({
  name: CONTEXT_CONTAINER,
  image: settings.builderImage,
  args: ["fetch-context"],
  env: [
    { name: "CONTEXT_URL", value: settings.contextUrl },
    { name: "BUILD_TOKEN", value: token },
    { name: "CONTEXT_FOLDER", value: INIT_CONTEXT_FOLDER },
    { name: "CREDENTIALS_FOLDER", value: INIT_CREDENTIALS_FOLDER },
  ],
  volumeMounts: [
    { name: CONTEXT_VOLUME, mountPath: INIT_CONTEXT_FOLDER },
    { name: CREDENTIALS_VOLUME, mountPath: INIT_CREDENTIALS_FOLDER },
  ],
  // Within what Kaniko asks for, so that the pod asks for no more than the queue counts.
  resources: {
    requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "64Mi" },
    limits: { memory: "256Mi", "ephemeral-storage": settings.limits["ephemeral-storage"] },
  },
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
  },
  terminationMessagePolicy: "FallbackToLogsOnError",
});

const kanikoContainer = (settings: BuildJobSettings, { args, env }: KanikoCommand): Json<V1Container> => ({
  name: KANIKO_CONTAINER,
  image: settings.kanikoImage,
  args,
  env: Object.entries(env).map(([name, value]) => ({ name, value })),
  volumeMounts: [
    { name: CONTEXT_VOLUME, mountPath: CONTEXT_FOLDER },
    { name: CREDENTIALS_VOLUME, mountPath: CREDENTIALS_FOLDER },
  ],
  resources: { requests: { ...settings.requests }, limits: { ...settings.limits } },
  securityContext: {
    // Unpacking an image means to own files as others do, and RUN to become others: that takes root and these, of what Pod
    // Security's `baseline` allows. Its filesystem is the image's, so that it can't be read-only.
    runAsUser: 0,
    runAsNonRoot: false,
    readOnlyRootFilesystem: false,
    allowPrivilegeEscalation: false,
    privileged: false,
    capabilities: {
      drop: ["ALL"],
      add: [
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "SETFCAP",
        "SETGID",
        "SETUID",
        "SYS_CHROOT",
      ],
    },
  },
  terminationMessagePath: TERMINATION_LOG,
  // The digest of a build that succeeds; the log's end of one that fails, where nobody can read the log any more.
  terminationMessagePolicy: "FallbackToLogsOnError",
});
