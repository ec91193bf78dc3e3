import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type KubernetesLabels, labels } from "../contract/labels";
import { KNATIVE_NAMESPACE, KNATIVE_OPERATOR_NAMESPACE } from "../contract/names";
import type { Duration } from "../settings/scalars";
import { KNATIVE_OPERATOR } from "./charts";
import { knativeLoadBalancer } from "./knativeLoadBalancer";
import { knativePodMonitors } from "./knativePodMonitors";
import { knativeServingSpec, servingRelease } from "./knativeServingSpec";
import { podSecurity } from "./podSecurity";

const COMPONENT = "knative";

/** Service account of Serving's controller, which asks the registry what a tag stands for. On AWS it needs a role that may read ECR. */
export const KNATIVE_CONTROLLER = "controller";

export interface KnativeArgs {
  /** Install Serving by its operator. `false` where the cluster has it: nothing is made. */
  install: boolean;
  /** Release of Serving, `major.minor`. The operator moves one minor at a time. */
  version: string;
  /** Replicas of the activator, autoscaler, controller, webhook and gateway. */
  replicas: number;
  /** Domain of the functions' URLs, `<function>.<namespace>.<domain>`. Absent: they are reachable inside the cluster only. */
  domain?: string | undefined;
  /** A load balancer in front of the gateway, where there is a domain: about $17 a month and traffic. `none`: no way in from outside. */
  loadBalancer: "none" | "internal" | "internet-facing";
  /**
   * Certificate in ACM for TLS at the load balancer. It must name `*.<namespace>.<domain>` for each namespace of functions:
   * a wildcard stands for one label only.
   */
  certificateArn?: string | undefined;
  /** Longest wait for the activator to take over before the last pod goes. */
  scaleToZeroGracePeriod: Duration;
  /** How long the last pod of a function is kept after its last request. */
  scaleToZeroRetention: Duration;
  /** Requests that a burst may add before the activator buffers. -1: it is always in the path. */
  targetBurstCapacity: number;
  /** The cluster is EKS Auto Mode: it makes Network Load Balancers, and nodes as pods need them. */
  autoMode: boolean;
  /**
   * Where Serving's metrics go: the release label, and what must be there before a monitor is made.
   * Absent: nothing scrapes them.
   */
  monitoring?: { release: string; ready?: readonly pulumi.Resource[] | undefined } | undefined;
}

/**
 * Knative Serving with Kourier, and the way in to functions. On AWS it is made after the role of {@link KNATIVE_CONTROLLER}: a pod gets its
 * credentials as it is created, not later.
 */
export class Knative extends pulumi.ComponentResource {
  /** Address of the load balancer, to which DNS points `*.<namespace>.<domain>`; undefined without one. */
  readonly loadBalancerAddress: pulumi.Output<string | undefined>;
  /** What must be there before a Knative Service is made. Empty where the cluster brought its own. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: KnativeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:Knative", name, {}, opts);
    this.loadBalancerAddress = pulumi.output(undefined);
    this.ready = [];

    if (args.install) {
      const release = servingRelease(args.version);
      if (release === undefined) {
        throw new pulumi.ResourceError(
          `Knative ${args.version} is none that operator ${KNATIVE_OPERATOR.version} can install; see components/knativeServingSpec.ts`,
          this,
        );
      }
      const child = { parent: this };
      const operator = installOperator(name, child);
      const serving = installServing(name, args, release, child, operator);
      this.ready = [serving];

      // After Serving, although they'd start without it: the operator removes the namespace with Serving, so these must go first.
      if (args.monitoring) {
        const options = { ...child, dependsOn: [serving, ...(args.monitoring.ready ?? [])] };
        for (const [part, monitor] of Object.entries(knativePodMonitors(args.monitoring.release)))
          new k8s.apiextensions.CustomResource(`${name}-${part}-monitor`, monitor, options);
      }
      if (args.loadBalancer !== "none" && args.domain !== undefined) {
        const service = new k8s.core.v1.Service(
          `${name}-load-balancer`,
          knativeLoadBalancer({ ...args, scheme: args.loadBalancer }),
          { ...child, dependsOn: [serving] },
        );
        this.loadBalancerAddress = service.status.apply(addressOf);
      }
    }

    this.registerOutputs({ loadBalancerAddress: this.loadBalancerAddress });
  }
}

function installOperator(name: string, child: pulumi.CustomResourceOptions): k8s.helm.v3.Release {
  const namespace = new k8s.core.v1.Namespace(
    `${name}-operator-namespace`,
    {
      metadata: {
        name: KNATIVE_OPERATOR_NAMESPACE,
        labels: { ...labels(COMPONENT), ...podSecurity("restricted") },
      },
    },
    child,
  );
  // All that the chart leaves out of what `restricted` asks for.
  const securityContext = { seccompProfile: { type: "RuntimeDefault" } };
  return new k8s.helm.v3.Release(
    `${name}-operator`,
    {
      ...KNATIVE_OPERATOR,
      name: "knative-operator",
      namespace: namespace.metadata.name,
      values: {
        knative_operator: { knative_operator: { securityContext }, operator_webhook: { securityContext } },
      },
    },
    child,
  );
}

function installServing(
  name: string,
  args: KnativeArgs,
  release: string,
  child: pulumi.CustomResourceOptions,
  operator: k8s.helm.v3.Release,
): k8s.apiextensions.CustomResource {
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: KNATIVE_NAMESPACE,
        labels: { ...withoutName(labels(COMPONENT)), ...podSecurity("restricted") },
      },
    },
    child,
  );
  return new k8s.apiextensions.CustomResource(
    `${name}-serving`,
    {
      apiVersion: "operator.knative.dev/v1beta1",
      kind: "KnativeServing",
      metadata: {
        name: "knative-serving",
        namespace: namespace.metadata.name,
        labels: labels(COMPONENT),
        // Without it a custom resource counts as made once it is stored, before there is any Serving.
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
      },
      spec: knativeServingSpec({
        ...args,
        release,
        tls: args.certificateArn !== undefined,
        nodesScale: args.autoMode,
      }),
    },
    { ...child, dependsOn: [operator] },
  );
}

/** The operator writes `app.kubernetes.io/name` of its own onto this namespace: two owners of one label would fight over it. */
function withoutName(all: KubernetesLabels): KubernetesLabels {
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== "app.kubernetes.io/name"));
}

/** AWS names its load balancers, other clouds number them. Absent while there is none. */
function addressOf(
  status: { loadBalancer?: { ingress?: { hostname?: string; ip?: string }[] } } | undefined,
) {
  const ingress = status?.loadBalancer?.ingress?.[0];
  return ingress?.hostname ?? ingress?.ip;
}
