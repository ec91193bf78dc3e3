import { amount } from "../../settings/scalars";
import { type ConfigMap, settingsIn } from "./builderEnvironment";
import type { Stack, StackResource } from "./stackPolicy";
import { TYPES } from "./types";

export interface ClusterQueue {
  spec: {
    resourceGroups?: { flavors?: { resources?: { name?: string; nominalQuota?: string }[] }[] }[];
  };
}

export interface NodePool {
  metadata: { name?: string; annotations?: Record<string, string> };
  spec: {
    limits?: Record<string, string>;
    template?: { metadata?: { labels?: Record<string, string> } };
  };
}

/** The builder's settings in a stack, with the resource that carries them. */
export const builderSettings = (stack: Stack): { urn: string; settings: Record<string, string> }[] =>
  stack.all<ConfigMap>(TYPES.configMap).flatMap(({ urn, props }) => {
    const settings = settingsIn(props);
    return settings === undefined ? [] : [{ urn, settings }];
  });

/** What `KANIKO_JOB_LIMIT` builds request together, in cores or bytes. */
export const requestedAtOnce = (settings: Record<string, string>, resource: "cpu" | "memory"): number =>
  Number(settings["KANIKO_JOB_LIMIT"]) * amount(settings[`KANIKO_REQUESTS_${resource.toUpperCase()}`] ?? "0");

/** The pool of nodes that are for builds. */
export const buildPools = (stack: Stack, label: string): StackResource<Partial<NodePool>>[] =>
  stack
    .all<NodePool>(TYPES.nodePool)
    .filter(({ props }) => props.spec?.template?.metadata?.labels?.[label] !== undefined);

/** An amount as a message has it: cores as they are, memory in Gi. */
export const shown = (resource: "cpu" | "memory", value: number): string =>
  resource === "cpu" ? `${value} CPU` : `${Math.ceil((value / 1024 ** 3) * 10) / 10}Gi`;
