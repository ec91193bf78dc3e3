import { FUNCTION_KIND } from "../../contract/function/crd";
import { functionSpec } from "../../contract/function/spec";
import { API_GROUP, API_VERSION } from "../../contract/names";
import { TEMPLATE_VERSION } from "../../builder/build/templateVersion";
import type { LambdaFunction } from "../../builder/kubernetes/resources";
import { Draft } from "../../builder/reconcile/draft";
import { specHonoured } from "../../builder/reconcile/noEffect";
import { FINALIZER } from "../../builder/reconcile/removeFunction";
import { managedBy } from "./managedFields";
import { AT, codeOf, hex, namespaces, NAMESPACES, revisionOf, SECONDS, uidOf, urlOf } from "./names";

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

/** A function that is Ready, as the builder leaves it. */
export function readyFunction(index: number, registry: string): LambdaFunction {
  const namespace = namespaces[index % NAMESPACES] ?? "";
  const name = `order-handler-${index}`;
  const digest = `sha256:${hex(index, 64)}`;
  const image = `${registry}/functions/${namespace}@${digest}`;
  const revision = revisionOf(name);
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
      templateVersion: TEMPLATE_VERSION,
    })
    .serves({ serviceName: name, ready: true, latestRevision: revision, url: urlOf(name, namespace) })
    .whole();
  return managedBy(
    fn,
    ["knative-lambda-events", "Apply", ["metadata", "spec"]],
    ["knative-lambda-builder", "Update", ["status"]],
  );
}
