import { isValid as isIp } from "ipaddr.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LABELS, labels, selectorLabels } from "../contract/labels";
import { BUILD_NAMESPACE, BUILD_SERVICE_ACCOUNT, PORTS, SYSTEM_NAMESPACE } from "../contract/names";
import type { Quantity } from "../settings";
import {
  type Address,
  addressOf,
  dns,
  type EgressRule,
  inNamespace,
  isNamedHttps,
  publicHttps,
  tcp,
  toAddress,
} from "./networkRules";
import { podSecurity } from "./podSecurity";
import { pullHosts } from "./registryHosts";

const COMPONENT = "builds";
const BUILD_PODS = { matchLabels: { [LABELS.build]: "true" } };

export interface BuildNamespaceArgs {
  /** Disk limit of one build (`kaniko.resources.limits`): no container of the namespace gets more. */
  diskLimit: Quantity;
  /** Hosts from which builds may install. Enforced with `domainPolicies` only. Empty: any public host, on port 443. */
  packageIndexes: readonly string[];
  /** Host of the registry, with its port where it has one. */
  registry: string;
  /** The registry speaks plain HTTP. @default false */
  insecureRegistry?: boolean;
  /** Hosts to which the registry sends a puller for its layers: {@link ecrLayerHost} for ECR. @default [] */
  layerHosts?: readonly string[];
  /** Other registries from which builds take base images: host, with its port where it has one. @default [] */
  baseRegistries?: readonly string[];
  /** The cluster is EKS Auto Mode, whose ApplicationNetworkPolicy opens hosts by name. Elsewhere hosts can only be told by address. */
  domainPolicies: boolean;
  /** Address block of the VPC: closed to builds, whether or not it is a private one. */
  internalCidr?: string | undefined;
  /** Refuse to delete the namespace, and keep it when it leaves the program: functions may live here, and go with it. */
  protect: boolean;
}

/**
 * The host from which a region's ECR serves layers.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html names the bucket.
 */
export const ecrLayerHost = (region: string): string =>
  `prod-${region}-starport-layer-bucket.s3.${region}.amazonaws.com`;

/** Where builds run. Functions may live here too, so what is meant for builds selects their pods by label. */
export class BuildNamespace extends pulumi.ComponentResource {
  /** The namespace's name. Waits for the namespace. */
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: BuildNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:BuildNamespace", name, {}, opts);
    const child = { parent: this };

    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: BUILD_NAMESPACE,
          // `restricted` would refuse Kaniko, which unpacks images as root.
          labels: { ...labels(COMPONENT), ...podSecurity("baseline") },
        },
      },
      { parent: this, protect: args.protect, retainOnDelete: args.protect },
    );
    this.namespace = namespace.metadata.name;
    const metadata = (objectName: string) => ({
      name: objectName,
      namespace: this.namespace,
      labels: labels(COMPONENT),
    });

    new k8s.core.v1.ServiceAccount(
      `${name}-service-account`,
      { metadata: metadata(BUILD_SERVICE_ACCOUNT), automountServiceAccountToken: false },
      child,
    );
    new k8s.core.v1.LimitRange(
      `${name}-limits`,
      { metadata: metadata("containers"), spec: { limits: [containerLimits(args.diskLimit)] } },
      child,
    );
    new k8s.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata: metadata("build-pods"),
        spec: {
          podSelector: BUILD_PODS,
          // Without a rule for it nothing comes in. (An empty list of rules would come back from the API server as none.)
          ...(args.domainPolicies
            ? { policyTypes: ["Ingress"] }
            : { policyTypes: ["Ingress", "Egress"], egress: egressByAddress(args) }),
        },
      },
      child,
    );
    if (args.domainPolicies) {
      new k8s.apiextensions.CustomResource(
        `${name}-domain-policy`,
        {
          apiVersion: "networking.k8s.aws/v1alpha1",
          kind: "ApplicationNetworkPolicy",
          // Its name differs from the NetworkPolicy's: EKS makes an endpoint list of each, named after it.
          metadata: metadata("build-pods-by-domain"),
          // All of the egress is here and none in the NetworkPolicy: how the two kinds combine for one pod is not documented.
          spec: { podSelector: BUILD_PODS, policyTypes: ["Egress"], egress: egressByDomain(args) },
        },
        child,
      );
    }

    this.registerOutputs({ namespace: this.namespace });
  }
}

/**
 * Bounds for containers that state none. There are none of CPU and memory: they would reach functions, whose limits are their
 * authors', and refuse one that requests more than the bound and states no limit. Of disk no function can ask for any.
 */
const containerLimits = (disk: Quantity) => ({
  type: "Container",
  default: { "ephemeral-storage": disk },
  // Said, or the limit above would be the request too.
  defaultRequest: { memory: "64Mi", "ephemeral-storage": "64Mi" },
  max: { "ephemeral-storage": disk },
});

const toBuilder: EgressRule = {
  to: [inNamespace(SYSTEM_NAMESPACE, selectorLabels("builder"))],
  ports: [tcp(PORTS.context)],
};

const registryOf = ({ registry, insecureRegistry = false }: BuildNamespaceArgs): Address =>
  addressOf(registry, insecureRegistry);

/**
 * Ways out where hosts can't be told by name. A registry that has a name, a private address and port 443 is out of reach:
 * give it another port, or name it by its address.
 */
function egressByAddress(args: BuildNamespaceArgs): EgressRule[] {
  const registry = registryOf(args);
  return [
    dns(args.internalCidr),
    toBuilder,
    publicHttps(args.internalCidr),
    ...[registry, ...addressesOf(args.baseRegistries)]
      .filter((address) => !isNamedHttps(address))
      .map(toAddress),
  ];
}

/** Registries that aren't the stack's own are asked by HTTPS alone. */
const addressesOf = (registries: readonly string[] = []): Address[] =>
  registries.map((registry) => addressOf(registry));

function egressByDomain(args: BuildNamespaceArgs): EgressRule[] {
  const { packageIndexes, layerHosts = [], baseRegistries, internalCidr } = args;
  const { host, port } = registryOf(args);
  const toDomains = (domainNames: readonly string[], at: number): EgressRule => ({
    to: [{ domainNames: [...domainNames] }],
    ports: [tcp(at)],
  });
  return [
    dns(internalCidr),
    toBuilder,
    // By name even where every public host is open: through a private endpoint the registry has an address of the VPC.
    toDomains([host], port),
    ...(layerHosts.length > 0 ? [toDomains(layerHosts, 443)] : []),
    // Whoever names a base image means builds to have it, also where they reach nothing else.
    ...addressesOf(baseRegistries).map((base) =>
      isIp(base.host) ? toAddress(base) : toDomains(pullHosts(base.host), base.port),
    ),
    packageIndexes.length > 0 ? toDomains(packageIndexes, 443) : publicHttps(internalCidr),
  ];
}
