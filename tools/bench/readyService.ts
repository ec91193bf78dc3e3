import { SYSTEM_NAMESPACE } from "../../contract/names";
import { TEMPLATE_VERSION } from "../../builder/build/templateVersion";
import type { KubernetesClient } from "../../builder/kubernetes/client";
import {
  apiVersionOf,
  type LambdaFunction,
  type OpenObject,
  type Resource,
  SERVICES,
} from "../../builder/kubernetes/resources";
import { applyStamped } from "../../builder/kubernetes/stamp";
import { knativeService } from "../../builder/serve/knativeService";
import { managedBy } from "./managedFields";
import { revisionOf, SECONDS, urlOf } from "./names";

/** The Knative Service that the builder made of a function, with what Knative says of it. */
export async function readyService(fn: LambdaFunction): Promise<OpenObject> {
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
  const revision = revisionOf(name);
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
