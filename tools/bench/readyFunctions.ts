import { LABELS, labels } from "../../contract/labels";
import { API_GROUP, API_VERSION, BUILD_NAMESPACE, SYSTEM_NAMESPACE } from "../../contract/names";
import { FUNCTION_KIND } from "../../contract/function/crd";
import { functionSpec } from "../../contract/function/spec";
import { TEMPLATE_VERSION } from "../../builder/build/templateVersion";
import type { KubernetesClient } from "../../builder/kubernetes/client";
import {
  FUNCTIONS,
  JOBS,
  type LambdaFunction,
  type OpenObject,
  PODS,
  type Resource,
  SERVICES,
} from "../../builder/kubernetes/resources";
import { apiVersionOf } from "../../builder/kubernetes/resources";
import { applyStamped } from "../../builder/kubernetes/stamp";
import type { ApiObject } from "../../builder/kubernetes/objects";
import { buildJob } from "../../builder/build/buildJob";
import { buildLabels } from "../../builder/build/buildRecord";
import { Draft } from "../../builder/reconcile/draft";
import { specHonoured } from "../../builder/reconcile/noEffect";
import { FINALIZER } from "../../builder/reconcile/removeFunction";
import { knativeService } from "../../builder/serve/knativeService";
import { managedBy } from "./managedFields";

/** An object as the API server has it, and where. */
export interface Placed {
  resource: Resource;
  object: ApiObject;
}

export interface CatalogueArgs {
  count: number;
  /** The registry's host. */
  registry: string;
  /** One function in so many has a pod that serves. @default 10 */
  servingEvery?: number;
  /** One function in so many was built within the hour, so that its Job and the Job's pod are still there. @default 100 */
  builtEvery?: number;
}

/** Functions lie in so many namespaces, evenly. */
const NAMESPACES = 20;
export const namespaces: readonly string[] = Array.from(
  { length: NAMESPACES },
  (_, index) => `team-${index}`,
);

const AT = "2026-01-05T09:30:00.000Z";
const SECONDS = AT.replace(".000", "");

/**
 * What there is of Ready functions that nobody changes: their objects, their Knative Services, and the pods and Jobs that are there at a
 * time. All but status and metadata that other controllers write comes from the builder's own code, so that it finds nothing to do.
 */
export async function readyFunctions({
  count,
  registry,
  servingEvery = 10,
  builtEvery = 100,
}: CatalogueArgs): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (let index = 0; index < count; index += 1) {
    const fn = lambdaFunction(index, registry);
    const service = await knativeServiceOf(fn);
    placed.push({ resource: FUNCTIONS, object: fn }, { resource: SERVICES, object: service });
    if (index % servingEvery === 0) placed.push({ resource: PODS, object: servingPod(fn, service) });
    if (index % builtEvery === 0) placed.push(...finishedBuild(fn, registry));
  }
  return placed;
}

/** The code of one function, about as long as a small one is. */
export const codeOf = (name: string): string =>
  [
    "import json",
    "import logging",
    "",
    `log = logging.getLogger("${name}")`,
    "",
    "def handler(event):",
    '    """Adds up the amounts of an order, and says which of its lines are wrong."""',
    "    lines = event.get('lines', [])",
    ...Array.from(
      { length: 12 },
      (_, step) => `    total_${step} = sum(line['amount'] for line in lines[${step}:])`,
    ),
    `    log.info("handled by ${name}: %s", json.dumps(lines))`,
    "    return {'statusCode': 200, 'body': json.dumps({'total': total_0, 'lines': len(lines)})}",
    "",
  ].join("\n");

/** The spec of one function: half of them with their code in it, half in the platform's bucket. */
const specOf = (name: string, namespace: string, index: number): LambdaFunction["spec"] =>
  functionSpec.parse({
    source:
      index % 2 === 0
        ? { type: "inline", inline: { code: codeOf(name), dependencies: "requests==2.32.5\n" } }
        : { type: "s3", s3: { bucket: "sources", key: `${namespace}/${name}.tar.gz`, region: "eu-west-1" } },
    runtime: { language: "python", version: "3.13", handler: "main.handler" },
    scaling: { minReplicas: 0, maxReplicas: 20 },
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
    env: [
      { name: "STAGE", value: "production" },
      { name: "TABLE", value: `orders-${index}` },
      { name: "API_KEY", valueFrom: { secretKeyRef: { name: `${name}-secrets`, key: "api-key" } } },
    ],
    build: { timeout: "20m" },
  });

const hex = (index: number, length: number): string =>
  (BigInt(index + 1) * 0x9e3779b97f4a7c15n).toString(16).padStart(length, "0").repeat(8).slice(0, length);
const uidOf = (kind: number, index: number): string => {
  const text = hex(index * 8 + kind, 32);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    "-",
  );
};

function lambdaFunction(index: number, registry: string): LambdaFunction {
  const namespace = namespaces[index % NAMESPACES] ?? "";
  const name = `order-handler-${index}`;
  const digest = `sha256:${hex(index, 64)}`;
  const image = `${registry}/functions/${namespace}@${digest}`;
  const revision = `${name}-00001`;
  const fn: LambdaFunction = {
    apiVersion: `${API_GROUP}/${API_VERSION}`,
    kind: FUNCTION_KIND,
    metadata: {
      name,
      namespace,
      uid: uidOf(0, index),
      generation: 1,
      creationTimestamp: SECONDS,
      labels: { team: namespace, "app.kubernetes.io/part-of": "orders" },
      annotations: {
        [`${API_GROUP}/events`]: JSON.stringify([hex(index, 22)]),
        [`${API_GROUP}/correlation-id`]: uidOf(1, index),
      },
      finalizers: [FINALIZER],
    },
    spec: specOf(name, namespace, index),
  };
  const honoured = specHonoured(fn.spec);
  fn.status = new Draft(fn, () => new Date(AT))
    .in("Ready")
    .say("SpecHonoured", honoured.status, honoured.reason, honoured.message)
    .say("SourceReady", "True", "Fetched", `the source is ${hex(index, 40)}`)
    .say("BuildReady", "True", "Built", `${image} is built, in 41.2 s`)
    .say("DeployReady", "True", "RolledOut", `${image} is rolled out`)
    .say("ServiceReady", "True", "Serving", `revision ${revision} serves`)
    .builds({
      jobName: `build-${name}-${hex(index, 10)}-1`,
      attempt: 1,
      strategy: "kaniko",
      imageURI: image,
      digest,
      startedAt: AT,
      completedAt: "2026-01-05T09:30:41.200Z",
      durationSeconds: 41.2,
      cacheHits: 3,
      cacheRequests: 4,
      imageSizeBytes: 58_720_256 + index,
      compressedSizeBytes: 20_971_520 + index,
    })
    .serves({ serviceName: name, ready: true, latestRevision: revision, url: urlOf(name, namespace) })
    .whole();
  return managedBy(
    fn,
    ["knative-lambda-events", "Apply", ["metadata", "spec"]],
    ["knative-lambda-builder", "Update", ["status"]],
  );
}

const urlOf = (name: string, namespace: string): string => `http://${name}.${namespace}.svc.cluster.local`;

async function knativeServiceOf(fn: LambdaFunction): Promise<OpenObject> {
  const { name, namespace = "", uid = "" } = fn.metadata;
  const image = fn.status?.buildStatus?.imageURI ?? "";
  // What the builder would create for it, with its stamp.
  const creating = {
    get: () => Promise.resolve(undefined),
    create: (_resource: Resource, object: OpenObject) => Promise.resolve(object),
  } as unknown as KubernetesClient;
  const { object } = await applyStamped(
    creating,
    SERVICES,
    knativeService({ fn, image, previousImage: undefined, architecture: "amd64", kept: undefined }),
    { function: uid, generation: 1, templateVersion: TEMPLATE_VERSION },
  );
  const revision = `${name}-00001`;
  const ready = ["ConfigurationsReady", "Ready", "RoutesReady"].map((type) => ({
    type,
    status: "True",
    lastTransitionTime: SECONDS,
  }));
  const url = urlOf(name, namespace);
  const service: OpenObject = {
    ...object,
    apiVersion: apiVersionOf(SERVICES),
    kind: SERVICES.kind,
    metadata: {
      ...object.metadata,
      uid: uid.replace(/.$/, "f"),
      generation: 1,
      creationTimestamp: SECONDS,
      annotations: {
        ...object.metadata.annotations,
        "serving.knative.dev/creator": `system:serviceaccount:${SYSTEM_NAMESPACE}:knative-lambda-builder`,
        "serving.knative.dev/lastModifier": `system:serviceaccount:${SYSTEM_NAMESPACE}:knative-lambda-builder`,
      },
    },
    spec: { ...object.spec, traffic: [{ latestRevision: true, percent: 100 }] },
    status: {
      address: { url },
      conditions: ready,
      latestCreatedRevisionName: revision,
      latestReadyRevisionName: revision,
      observedGeneration: 1,
      traffic: [{ latestRevision: true, percent: 100, revisionName: revision }],
      url,
    },
  };
  return managedBy(
    service,
    ["knative-lambda-builder", "Update", ["metadata", "spec"]],
    ["controller", "Update", ["status"]],
  );
}

function servingPod(fn: LambdaFunction, service: OpenObject): ApiObject {
  const { name, namespace = "", uid = "" } = fn.metadata;
  const revision = `${name}-00001`;
  const template = service.spec?.["template"] as {
    metadata: { labels: Record<string, string> };
    spec: { containers: object[] };
  };
  const [user = {}] = template.spec.containers;
  const containers = ["function", "queue-proxy"].map((container) => ({
    name: container,
    ready: true,
    started: true,
    restartCount: 0,
    image: fn.status?.buildStatus?.imageURI,
    imageID: fn.status?.buildStatus?.imageURI,
    containerID: `containerd://${hex(1, 64)}`,
    lastState: {},
    state: { running: { startedAt: SECONDS } },
  }));
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${revision}-deployment-7f9c5d-abcde`,
      namespace,
      uid: uid.replace(/.$/, "e"),
      creationTimestamp: SECONDS,
      labels: {
        ...template.metadata.labels,
        app: revision,
        "pod-template-hash": "7f9c5d",
        "serving.knative.dev/configuration": name,
        "serving.knative.dev/revision": revision,
        "serving.knative.dev/service": name,
        [LABELS.function]: name,
      },
      annotations: { "autoscaling.knative.dev/max-scale": "20", "serving.knative.dev/creator": "builder" },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: `${revision}-deployment-7f9c5d`,
          uid,
          controller: true,
        },
      ],
    },
    spec: {
      ...template.spec,
      containers: [
        user,
        {
          name: "queue-proxy",
          image: "queue",
          env: Array.from({ length: 40 }, (_, n) => ({ name: `QUEUE_SETTING_${n}`, value: `${n}` })),
        },
      ],
      nodeName: `node-${uid.slice(0, 4)}`,
    },
    status: {
      phase: "Running",
      conditions: [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
      ].map((type) => ({
        type,
        status: "True",
        lastProbeTime: null,
        lastTransitionTime: SECONDS,
      })),
      containerStatuses: containers,
      podIP: "10.0.0.1",
      startTime: SECONDS,
    },
  };
  return managedBy(
    pod as ApiObject,
    ["kube-controller-manager", "Update", ["metadata", "spec"]],
    ["kubelet", "Update", ["status"]],
  );
}

/** Job and pod of a build that ended a minute ago: they stay for an hour. */
function finishedBuild(fn: LambdaFunction, registry: string): Placed[] {
  const { name, namespace = "", uid = "" } = fn.metadata;
  const ended = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+/, "");
  const amounts = { cpu: "1", memory: "2Gi", "ephemeral-storage": "10Gi" } as never;
  const made = buildJob(
    {
      namespace: BUILD_NAMESPACE,
      serviceAccount: "kaniko-build",
      priorityClass: "knative-lambda-build",
      kanikoImage: `${registry}/kaniko:v1`,
      builderImage: `${registry}/builder:1`,
      contextUrl: "http://builder:8082",
      platform: "linux/amd64",
      requests: amounts,
      limits: amounts,
      nodeKey: undefined,
    },
    {
      record: {
        namespace,
        name,
        uid,
        generation: 1,
        attempt: 1,
        buildHash: uid.replaceAll("-", ""),
        contextHash: uid.replaceAll("-", ""),
        image: `${registry}/functions/${namespace}:${uid}`,
        templateVersion: TEMPLATE_VERSION,
        ownDockerfile: false,
        cache: true,
        kanikoImage: `${registry}/kaniko:v1`,
        cacheable: [{ name: "RUN", text: "RUN pip install --no-cache-dir -r requirements.txt", stage: 0 }],
      },
      kaniko: { args: Array.from({ length: 20 }, (_, n) => `--argument-${n}=value-of-it`), env: {} } as never,
      timeoutSeconds: 1200,
      token: hex(1, 64),
    },
  );
  const jobUid = uid.replace(/.$/, "d");
  const job: ApiObject = {
    ...made,
    metadata: { ...made.metadata, uid: jobUid, generation: 2, creationTimestamp: ended },
    spec: { ...made.spec, suspend: false },
    status: {
      completionTime: ended,
      succeeded: 1,
      conditions: [
        { type: "Complete", status: "True", lastTransitionTime: ended, reason: "CompletionsReached" },
      ],
    },
  } as ApiObject;
  const pod: ApiObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${made.metadata.name}-abcde`,
      namespace: BUILD_NAMESPACE,
      uid: uid.replace(/.$/, "c"),
      creationTimestamp: ended,
      labels: { ...labels("build"), ...buildLabels({ namespace, name }) },
      ownerReferences: [
        { apiVersion: "batch/v1", kind: "Job", name: made.metadata.name, uid: jobUid, controller: true },
      ],
    },
    spec: made.spec?.template.spec,
    status: {
      phase: "Succeeded",
      containerStatuses: [
        { name: "kaniko", state: { terminated: { exitCode: 0, message: fn.status?.buildStatus?.digest } } },
      ],
    },
  } as ApiObject;
  return [
    {
      resource: JOBS,
      object: managedBy(
        job,
        ["knative-lambda-builder", "Update", ["metadata", "spec"]],
        ["kube-controller-manager", "Update", ["status"]],
      ),
    },
    {
      resource: PODS,
      object: managedBy(
        pod,
        ["kube-controller-manager", "Update", ["metadata", "spec"]],
        ["kubelet", "Update", ["status"]],
      ),
    },
  ];
}
