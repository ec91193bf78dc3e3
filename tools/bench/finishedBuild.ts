import { labels } from "../../contract/labels";
import { BUILD_NAMESPACE } from "../../contract/names";
import { buildJob } from "../../builder/build/buildJob";
import { buildLabels } from "../../builder/build/buildRecord";
import { TEMPLATE_VERSION } from "../../builder/build/templateVersion";
import type { ApiObject } from "../../builder/kubernetes/objects";
import { JOBS, type LambdaFunction, PODS } from "../../builder/kubernetes/resources";
import { managedBy } from "./managedFields";
import { hex } from "./names";
import type { Placed } from "./readyFunctions";

/** Job and pod of a build that ended a minute ago: they stay for an hour. */
export function finishedBuild(fn: LambdaFunction, registry: string): Placed[] {
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
      kaniko: { args: Array.from({ length: 20 }, (_, n) => `--argument-${n}=value-of-it`), env: {} },
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
