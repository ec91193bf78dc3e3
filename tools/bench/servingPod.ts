import { LABELS } from "../../contract/labels";
import type { ApiObject } from "../../builder/kubernetes/objects";
import type { LambdaFunction, OpenObject } from "../../builder/kubernetes/resources";
import { managedBy } from "./managedFields";
import { hex, revisionOf, SECONDS } from "./names";

/** A pod that serves a function, as Knative and the kubelet have it. */
export function servingPod(fn: LambdaFunction, service: OpenObject): ApiObject {
  const { name, namespace = "", uid = "" } = fn.metadata;
  const revision = revisionOf(name);
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
