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

/** What one build requests, in cores or bytes. */
export const requestedByOne = (settings: Record<string, string>, resource: "cpu" | "memory"): number =>
  amount(settings[`KANIKO_REQUESTS_${resource.toUpperCase()}`] ?? "0");

/** What `KANIKO_JOB_LIMIT` builds request together, in cores or bytes. */
export const requestedAtOnce = (settings: Record<string, string>, resource: "cpu" | "memory"): number =>
  Number(settings["KANIKO_JOB_LIMIT"]) * requestedByOne(settings, resource);

/** What a queue admits of a resource, by the resource's name. */
export const quotasOf = ({ spec }: Partial<ClusterQueue>): Record<string, string> =>
  Object.fromEntries(
    (spec?.resourceGroups ?? []).flatMap(({ flavors }) =>
      (flavors ?? []).flatMap(({ resources }) =>
        (resources ?? []).flatMap(({ name, nominalQuota }): [string, string][] =>
          name === undefined || nominalQuota === undefined ? [] : [[name, nominalQuota]],
        ),
      ),
    ),
  );

/** The pool of nodes that are for builds. */
export const buildPools = (stack: Stack, label: string): StackResource<Partial<NodePool>>[] =>
  stack
    .all<NodePool>(TYPES.nodePool)
    .filter(({ props }) => props.spec?.template?.metadata?.labels?.[label] !== undefined);

/** Most that the build nodes may have of a resource; undefined where no pool of theirs has a limit. */
export const poolLimit = (
  stack: Stack,
  label: string,
  resource: "cpu" | "memory",
): { name: string; limit: string } | undefined =>
  buildPools(stack, label).flatMap(({ name, props }) => {
    const limit = props.spec?.limits?.[resource];
    return limit === undefined ? [] : [{ name, limit }];
  })[0];

/** An amount as a message has it: cores as they are, memory in Gi. */
export const shown = (resource: "cpu" | "memory", value: number): string =>
  resource === "cpu" ? `${value} CPU` : `${Math.ceil((value / 1024 ** 3) * 10) / 10}Gi`;
