import type { IpBlock } from "./blocks";
import { type Labels, maySelect, type Selector, selects } from "./pods";
import type { StackResource } from "./stackPolicy";

export interface Peer {
  ipBlock?: IpBlock;
  namespaceSelector?: Selector;
  podSelector?: Selector;
  /** Of an ApplicationNetworkPolicy. */
  domainNames?: string[];
}

export interface Port {
  port?: number | string;
  /** Last port of a range that `port` begins. */
  endPort?: number;
}

export interface NetworkPolicy {
  spec: {
    podSelector?: Selector;
    policyTypes?: string[];
    ingress?: { from?: Peer[]; ports?: Port[] }[];
    egress?: { to?: Peer[]; ports?: Port[] }[];
  };
}

const DIRECTIONS = ["Ingress", "Egress"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The directions in which no policy speaks for pods with these labels. */
export const selectingBoth = (
  policies: readonly StackResource<Partial<NetworkPolicy>>[],
  labels: Labels,
): string[] => {
  const own = policies.filter(({ props }) => selects(props.spec?.podSelector, labels));
  return DIRECTIONS.filter(
    (direction) => !own.some(({ props }) => (props.spec?.policyTypes ?? []).includes(direction)),
  );
};

/** What a policy lets through. No peers: everybody. No ports: all of them. */
export interface Rule {
  direction: Direction;
  /** Its place, as `egress[0]`. */
  at: string;
  peers: readonly Peer[];
  ports: readonly Port[];
}

/** The rules of a policy, but for those of a direction in which it doesn't speak. */
export function rulesOf({ spec }: Partial<NetworkPolicy>): Rule[] {
  const types = spec?.policyTypes ?? [];
  return [
    ...(spec?.ingress ?? []).map(({ from, ports }, index): Rule => ({
      direction: "Ingress",
      at: `ingress[${index}]`,
      peers: from ?? [],
      ports: ports ?? [],
    })),
    ...(spec?.egress ?? []).map(({ to, ports }, index): Rule => ({
      direction: "Egress",
      at: `egress[${index}]`,
      peers: to ?? [],
      ports: ports ?? [],
    })),
  ].filter(({ direction }) => types.length === 0 || types.includes(direction));
}

/** The policies that may speak for pods. As they add to each other, one that lets everything through undoes all others. */
const speakingFor = (
  policies: readonly StackResource<Partial<NetworkPolicy>>[],
  labels: Readonly<Record<string, string | undefined>>,
): StackResource<Partial<NetworkPolicy>>[] =>
  policies.filter(({ props }) => maySelect(props.spec?.podSelector, labels));

/**
 * What is wrong with the rules that may speak for pods, at the policy that has each.
 * @param labels of the pods; undefined for a label of any value
 * @param meant the pods, as the end of a sentence
 */
export const wrongRulesFor = (
  policies: readonly StackResource<Partial<NetworkPolicy>>[],
  labels: Readonly<Record<string, string | undefined>>,
  wrongWith: (rule: Rule) => string | undefined,
  meant: string,
): { urn: string; message: string }[] =>
  speakingFor(policies, labels).flatMap(({ urn, props }) =>
    rulesOf(props).flatMap((rule) => {
      const wrong = wrongWith(rule);
      return wrong === undefined ? [] : [{ urn, message: `${wrong}: ${meant}.` }];
    }),
  );

/** Whether a rule is about some ports and no others. */
export const isOnlyOn = ({ ports }: Rule, allowed: readonly number[]): boolean =>
  ports.length > 0 &&
  ports.every(
    ({ port, endPort }) =>
      typeof port === "number" && allowed.includes(port) && (endPort === undefined || endPort === port),
  );

/** More ports than a service has: a rule with such a range leaves nothing out that matters. */
const MANY_PORTS = 1000;

/** Whether a rule is about all ports of a protocol, or about so many that none is meant. */
export const isOnAnyPort = ({ ports }: Rule): boolean =>
  ports.length === 0 ||
  ports.some(
    ({ port, endPort }) =>
      port === undefined || (typeof port === "number" && (endPort ?? port) - port >= MANY_PORTS),
  );

const isEmpty = (selector: Selector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

/** Whether a peer is every pod, of its namespace or of the cluster. */
export const isEveryPod = ({ ipBlock, domainNames, namespaceSelector, podSelector }: Peer): boolean =>
  ipBlock === undefined && domainNames === undefined && isEmpty(namespaceSelector) && isEmpty(podSelector);
