import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { environmentNames, type EnvironmentName, type EnvironmentValues } from "../../contract/environment";
import { labels, selectorLabels } from "../../contract/labels";
import { BUILDER_PRIORITY_CLASS, PORTS } from "../../contract/names";
import { amount, canonicalQuantity, type Quantity } from "../../settings";
import type { BuilderArgs } from "../builder";

/** Sources that one replica holds unpacked at a time, with their archives. */
const SOURCES_AT_ONCE = 4;

/** Disk for sources while they are fetched, hashed and packed. */
export function scratchSpace({
  maxArchive,
  maxUnpacked,
}: {
  maxArchive: Quantity;
  maxUnpacked: Quantity;
}): Quantity {
  const mebibytes = Math.ceil((SOURCES_AT_ONCE * (amount(maxArchive) + amount(maxUnpacked))) / 2 ** 20);
  const quantity = canonicalQuantity(`${mebibytes}Mi`);
  if (quantity === undefined) throw new Error(`${mebibytes}Mi is not a quantity`);
  return quantity;
}

/** Changes with any of the values. On the pods it makes a change of the ConfigMap roll them: they read it only when they start. */
export const checksum = (values: EnvironmentValues<pulumi.Input<string>>): pulumi.Output<string> =>
  pulumi.output(values).apply((known) =>
    createHash("sha256")
      .update(JSON.stringify(Object.entries(known).sort()))
      .digest("hex"),
  );

/** The builder's Deployment but for its metadata. Without `replicas` where an HPA sets them: the two would fight over the field. */
export function deploymentSpec(
  args: BuilderArgs,
  names: { serviceAccount: pulumi.Input<string>; configMap: pulumi.Input<string> },
): k8s.types.input.apps.v1.DeploymentSpec {
  return {
    ...(args.autoscaling.enabled ? {} : { replicas: args.replicas }),
    revisionHistoryLimit: 5,
    selector: { matchLabels: selectorLabels("builder") },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: {
        labels: labels("builder"),
        annotations: { "checksum/environment": checksum(args.environment) },
      },
      spec: {
        serviceAccountName: names.serviceAccount,
        // The account itself hands out none: a pod that runs as it must ask.
        automountServiceAccountToken: true,
        priorityClassName: BUILDER_PRIORITY_CLASS,
        nodeSelector: { "kubernetes.io/arch": args.architecture },
        topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map(
          (topologyKey) => ({
            maxSkew: 1,
            topologyKey,
            // A zone that is down must not keep replicas from starting in the others.
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: selectorLabels("builder") },
            // Each rollout is spread by itself, whatever the old one's pods do.
            matchLabelKeys: ["pod-template-hash"],
          }),
        ),
        // Services of the namespace as variables would be environment that nobody declared.
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 60,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          fsGroup: 65532,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [container(args, names.configMap)],
        volumes: [{ name: "tmp", emptyDir: { sizeLimit: args.scratchSpace } }],
      },
    },
  };
}

function container(args: BuilderArgs, configMap: pulumi.Input<string>): k8s.types.input.core.v1.Container {
  const probe = (path: string) => ({ httpGet: { path, port: "metrics" } });
  const { credentialsSecret } = args;
  return {
    name: "builder",
    image: args.image,
    envFrom: [{ configMapRef: { name: configMap } }],
    env: [
      ...environmentNames("pod").map((name) => ({
        name,
        valueFrom: { fieldRef: { fieldPath: FIELDS[name] } },
      })),
      ...(credentialsSecret === undefined
        ? []
        : environmentNames("secret").map((name) => ({
            name,
            valueFrom: { secretKeyRef: { name: credentialsSecret, key: name } },
          }))),
    ],
    ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort })),
    resources: { requests: { ...args.resources.requests }, limits: { ...args.resources.limits } },
    // Until caches are filled only startup is asked: up to two minutes.
    startupProbe: { ...probe("/livez"), periodSeconds: 2, failureThreshold: 60 },
    // Fails only where a loop of the service's own stands still: an API server that is gone is no reason to restart.
    livenessProbe: { ...probe("/livez"), periodSeconds: 10, timeoutSeconds: 5 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, timeoutSeconds: 3 },
    // Requests still arrive while the endpoint's removal spreads; only then SIGTERM asks it to drain.
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

/** Fields of the pod behind the variables that come from it. */
const FIELDS: Record<Extract<EnvironmentName, "POD_NAME">, string> = { POD_NAME: "metadata.name" };
