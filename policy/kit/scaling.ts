import type { Workload } from "./pods";
import type { Stack, StackResource } from "./stackPolicy";
import { TYPES } from "./types";

export interface Autoscaler {
  spec: {
    minReplicas?: number;
    maxReplicas?: number;
    metrics?: { type?: string; resource?: { name?: string } }[];
    scaleTargetRef?: { kind?: string; name?: string };
  };
}

/**
 * The autoscaler of a Deployment: the one that is made from it in Pulumi's graph, or else names it. Before its cluster is there,
 * the names of Kubernetes objects are unknown, and the graph is all that tells.
 */
export const autoscalerOf = (
  stack: Stack,
  deployment: StackResource<Partial<Workload>>,
): StackResource<Partial<Autoscaler>> | undefined => {
  const deployments = stack.all(TYPES.deployment).map(({ urn }) => urn);
  return stack.all<Autoscaler>(TYPES.hpa).find(({ madeFrom, props }) => {
    if (madeFrom.some((urn) => deployments.includes(urn))) return madeFrom.includes(deployment.urn);
    const target = props.spec?.scaleTargetRef;
    return target?.kind === "Deployment" && target.name === deployment.props.metadata?.name;
  });
};

/** Fewest pods that a Deployment has: its autoscaler's minimum, or its replicas. Kubernetes' own defaults are 1. */
export const fewestPods = (stack: Stack, deployment: StackResource<Partial<Workload>>): number => {
  const autoscaler = autoscalerOf(stack, deployment);
  return (
    (autoscaler === undefined ? deployment.props.spec?.replicas : autoscaler.props.spec?.minReplicas) ?? 1
  );
};
