import { FUNCTION_KIND } from "../../contract/function/crd";
import type { FunctionSpec } from "../../contract/function/spec";
import { LABELS, PRODUCT } from "../../contract/labels";
import { API_GROUP, API_VERSION, BUILDER } from "../../contract/names";
import type { Desired } from "../kubernetes/client";
import type { LambdaFunction, OpenObject } from "../kubernetes/resources";
import type { KeptScale } from "./keepAlive";

/** On a function's Service: the image that its newest revision runs, and the one before, to which a rollback goes. */
export const IMAGE_ANNOTATION = `${API_GROUP}/image`;
export const PREVIOUS_IMAGE_ANNOTATION = `${API_GROUP}/previous-image`;

/** The user's own container in a pod that serves. */
export const FUNCTION_CONTAINER = "function";

export interface ServiceInput {
  fn: LambdaFunction;
  /** With digest. */
  image: string;
  previousImage: string | undefined;
  architecture: "amd64" | "arm64";
  /** For a function that keeps a pod. */
  kept: KeptScale | undefined;
}

const autoscaling = (name: string): string => `autoscaling.knative.dev/${name}`;

/** The Knative Service of a function. */
export function knativeService({
  fn,
  image,
  previousImage,
  architecture,
  kept,
}: ServiceInput): Desired<OpenObject> {
  const { metadata, spec } = fn;
  const labels = {
    "app.kubernetes.io/name": PRODUCT,
    "app.kubernetes.io/component": "function",
    "app.kubernetes.io/managed-by": BUILDER,
    [LABELS.function]: metadata.name,
  };
  const secrets = pullSecrets(spec);
  return {
    metadata: {
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels,
      annotations: {
        [IMAGE_ANNOTATION]: image,
        ...(previousImage === undefined ? {} : { [PREVIOUS_IMAGE_ANNOTATION]: previousImage }),
      },
      ownerReferences: [
        {
          apiVersion: `${API_GROUP}/${API_VERSION}`,
          kind: FUNCTION_KIND,
          name: metadata.name,
          uid: metadata.uid ?? "",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      template: {
        metadata: { labels, annotations: scale(spec, kept) },
        spec: {
          enableServiceLinks: false,
          timeoutSeconds: 300,
          nodeSelector: { "kubernetes.io/arch": architecture },
          ...(secrets.length === 0 ? {} : { imagePullSecrets: secrets.map((name) => ({ name })) }),
          containers: [container(fn, image)],
        },
      },
    },
  };
}

/** Keep-alive sets a floor and a ceiling of its own; what the spec asks beyond the floor holds. */
function scale({ scaling }: FunctionSpec, kept: KeptScale | undefined): Record<string, string> {
  const minReplicas = Math.max(scaling?.minReplicas ?? 0, kept?.minScale ?? 0);
  const maxReplicas = Math.max(kept?.maxScale ?? scaling?.maxReplicas ?? 50, minReplicas);
  return {
    [autoscaling("min-scale")]: String(minReplicas),
    [autoscaling("max-scale")]: String(maxReplicas),
    [autoscaling("target")]: String(kept?.target ?? scaling?.targetConcurrency ?? 10),
    // Absent, the platform's setting in Knative's own configuration holds.
    ...(scaling?.scaleToZeroGracePeriod === undefined
      ? {}
      : { [autoscaling("scale-to-zero-pod-retention-period")]: scaling.scaleToZeroGracePeriod }),
  };
}

function container({ metadata, spec }: LambdaFunction, image: string): Record<string, unknown> {
  const given = spec.source.type === "image" ? spec.source.image : undefined;
  const { requests, limits } = spec.resources ?? {};
  const env = spec.env ?? [];
  const own = [{ name: "FUNCTION_NAMESPACE", value: metadata.namespace ?? "default" }].filter(
    ({ name }) => !env.some((variable) => variable.name === name),
  );
  return {
    name: FUNCTION_CONTAINER,
    image,
    ...(given === undefined ? {} : { imagePullPolicy: given.pullPolicy }),
    ...(given?.command === undefined ? {} : { command: given.command }),
    ...(given?.args === undefined ? {} : { args: given.args }),
    ports: [{ containerPort: given?.port ?? 8080, protocol: "TCP" }],
    env: [...own, ...env],
    resources: {
      requests: { cpu: requests?.cpu ?? "50m", memory: requests?.memory ?? "64Mi" },
      // No CPU limit unless one is asked for: it alone would make a cold start slow.
      ...(limits === undefined
        ? {}
        : { limits: { memory: limits.memory, ...(limits.cpu === undefined ? {} : { cpu: limits.cpu }) } }),
    },
    // The wrapper listens only once it has the handler. Knative asks many times a second until then.
    readinessProbe: { successThreshold: 1, tcpSocket: { port: 0 } },
    // The end of its log is told where it does not start: the builder may read no log of a function.
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}

const pullSecrets = ({ source, build }: FunctionSpec): string[] => [
  ...new Set([
    ...(source.type === "image" ? (source.image?.imagePullSecrets ?? []) : []),
    ...(build?.imagePullSecret === undefined ? [] : [build.imagePullSecret]),
  ]),
];
