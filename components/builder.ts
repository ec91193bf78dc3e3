import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { EnvironmentValues } from "../contract/environment";
import { FUNCTION_CRD, functionCrdSpec } from "../contract/function/crd";
import { labels, selectorLabels } from "../contract/labels";
import { BUILDER, BUILD_TOKEN_SECRET, PORTS, SYSTEM_NAMESPACE } from "../contract/names";
import type { Quantity, Settings } from "../settings";
import { BuilderAccess } from "./builder/access";
import { deploymentSpec } from "./builder/deployment";
import { type BuilderNetwork, networkPolicySpec } from "./builder/networkPolicy";
import { podSecurity } from "./podSecurity";

export { environmentOf, type EnvironmentFacts } from "./builder/environment";
export { scratchSpace } from "./builder/deployment";

type BuilderSettings = Settings["builderService"];

export interface BuilderArgs {
  /** The builder's image. */
  image: pulumi.Input<string>;
  /** Replicas without an autoscaler. */
  replicas: number;
  /** With `enabled` an HPA alone decides how many replicas run. It scales only where metrics-server runs. */
  autoscaling: BuilderSettings["autoscaling"];
  /** Resources of a replica. */
  resources: BuilderSettings["resources"];
  /** CPU architecture of the image. The cluster must have nodes of it for more than builds. */
  architecture: Settings["platform"]["architecture"];
  /** The service's whole environment: `environmentOf`. A change rolls the pods. */
  environment: EnvironmentValues<pulumi.Input<string>>;
  /** Disk for sources in work: `scratchSpace`. A replica that needs more is evicted. */
  scratchSpace: Quantity;
  /** Secret in the builder's namespace with an S3-compatible store's keys. Its change rolls nothing: restart the Deployment. */
  credentialsSecret?: string | undefined;
  /**
   * Namespaces whose source Secrets may be read. They must exist: they are their teams', and a program that made them would take all
   * that is in them along when they leave the list.
   */
  functionNamespaces: readonly string[];
  /** `BuildNamespace.namespace`, so that it is there first. */
  buildNamespace: pulumi.Input<string>;
  /** Namespaces whose pods may send events to the broker port. */
  eventSenders: readonly string[];
  network: BuilderNetwork;
  monitoring: {
    /** Namespace of Prometheus. */
    namespace: string;
    /** Value of the `release` label by which Prometheus picks up monitors. */
    release: string;
  };
  /** Refuse to delete the functions' definition, and with it every function; keep it when it leaves the program. */
  protect: boolean;
}

/**
 * The service that turns functions' sources into images, with the definition of functions, which is its only database.
 * When it is destroyed the Deployment goes first, the definition after it: delete the functions before, as only a running builder
 * clears away what they own.
 */
export class Builder extends pulumi.ComponentResource {
  /** Address inside the cluster to which CloudEvents are sent. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: BuilderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:Builder", name, {}, opts);
    const child = { parent: this };
    const most = args.autoscaling.enabled ? args.autoscaling.maxReplicas : args.replicas;

    const crd = new k8s.apiextensions.v1.CustomResourceDefinition(
      `${name}-functions`,
      { metadata: { name: FUNCTION_CRD, labels: labels("builder") }, spec: functionCrdSpec },
      { parent: this, protect: args.protect, retainOnDelete: args.protect },
    );
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: { name: SYSTEM_NAMESPACE, labels: { ...labels("builder"), ...podSecurity("restricted") } },
      },
      child,
    );
    const metadata = { name: BUILDER, namespace: namespace.metadata.name, labels: labels("builder") };

    const access = new BuilderAccess(
      `${name}-access`,
      {
        namespace: namespace.metadata.name,
        buildNamespace: args.buildNamespace,
        functionNamespaces: args.functionNamespaces,
        brokerEvents: args.eventSenders.length > 0,
      },
      child,
    );
    const configMap = new k8s.core.v1.ConfigMap(
      `${name}-environment`,
      { metadata, data: args.environment },
      child,
    );
    // Without data: the builder fills it once, and all replicas read it. The program never sees the key.
    const tokenKey = new k8s.core.v1.Secret(
      `${name}-build-token`,
      { metadata: { ...metadata, name: BUILD_TOKEN_SECRET }, type: "Opaque" },
      child,
    );
    const policy = new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      { metadata, spec: networkPolicySpec(args.network, args.eventSenders, args.monitoring.namespace) },
      child,
    );

    const deployment = new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: deploymentSpec(args, {
          serviceAccount: access.serviceAccount,
          configMap: configMap.metadata.name,
        }),
      },
      { parent: this, dependsOn: [crd, access, tokenKey, policy] },
    );
    if (args.autoscaling.enabled)
      autoscaler(`${name}-autoscaler`, metadata, deployment, args.autoscaling, child);
    if (most > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-disruption-budget`,
        {
          metadata,
          spec: {
            // `minAvailable: 2` over an HPA's minimum of 2 would permit no drain at all.
            maxUnavailable: 1,
            selector: { matchLabels: selectorLabels("builder") },
            // A replica that isn't Ready keeps no node from draining.
            unhealthyPodEvictionPolicy: "AlwaysAllow",
          },
        },
        child,
      );
    }

    const service = new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata,
        spec: {
          selector: selectorLabels("builder"),
          // EKS's policies want a Service's port to be the container's.
          ports: Object.entries(PORTS).map(([port, number]) => ({
            name: port,
            port: number,
            targetPort: port,
            appProtocol: "http",
          })),
        },
      },
      child,
    );
    new k8s.apiextensions.CustomResource(
      `${name}-monitor`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "ServiceMonitor",
        metadata: { ...metadata, labels: { ...labels("builder"), release: args.monitoring.release } },
        spec: {
          selector: { matchLabels: selectorLabels("builder") },
          endpoints: [{ port: "metrics", path: "/metrics", interval: "15s" }],
        },
      },
      child,
    );

    this.address = pulumi.interpolate`http://${service.metadata.name}.${service.metadata.namespace}.svc:${PORTS.http}`;
    this.registerOutputs({ address: this.address });
  }
}

function autoscaler(
  name: string,
  metadata: k8s.types.input.meta.v1.ObjectMeta,
  deployment: k8s.apps.v1.Deployment,
  { minReplicas, maxReplicas, targetCPU }: BuilderSettings["autoscaling"],
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.autoscaling.v2.HorizontalPodAutoscaler(
    name,
    {
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name },
        minReplicas,
        maxReplicas,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCPU } },
          },
        ],
      },
    },
    opts,
  );
}
