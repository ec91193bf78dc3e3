import { LABELS, selectorLabels } from "../../contract/labels";
import { BUILD_NAMESPACE, PORTS } from "../../contract/names";
import {
  addressOf,
  anywhere,
  ANY_POD,
  dns,
  type EgressRule,
  inNamespace,
  internal,
  isNamedHttps,
  only,
  type Peer,
  type Port,
  tcp,
  toAddress,
} from "../networkRules";

export interface BuilderNetwork {
  /**
   * Credentials come from EKS's Pod Identity agent, at 169.254.170.23 on each node.
   * Source: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
   */
  podIdentity: boolean;
  /** Port at which the API server itself listens: 443 on EKS, 6443 nearly everywhere else. */
  apiServerPort: number;
  /** Registry, S3-compatible store and collector of traces, as host and port or URL, where they aren't on port 443. */
  services: readonly { address: string; insecure?: boolean }[];
  /** Sources may come from hosts inside the cluster or the VPC (`sources.internalHosts`), on any port. */
  internalSources: boolean;
  /** Address block of the VPC. */
  internalCidr?: string | undefined;
}

interface IngressRule {
  from: Peer[];
  ports: Port[];
}

/** Who reaches the builder, and where it goes. */
export const networkPolicySpec = (
  network: BuilderNetwork,
  eventSenders: readonly string[],
  monitoringNamespace: string,
) => ({
  podSelector: { matchLabels: selectorLabels("builder") },
  policyTypes: ["Ingress", "Egress"],
  ingress: ingress(eventSenders, monitoringNamespace),
  egress: egress(network),
});

/** Kubelet's probes come from the pod's own node, which no policy shuts out. */
const ingress = (eventSenders: readonly string[], monitoringNamespace: string): IngressRule[] => [
  // Any pod may ask: each request carries a token, and its caller's rights decide.
  { from: [ANY_POD], ports: [tcp(PORTS.http)] },
  // No token here: where it comes from is all there is to go by.
  ...(eventSenders.length > 0
    ? [{ from: eventSenders.map((namespace) => inNamespace(namespace)), ports: [tcp(PORTS.broker)] }]
    : []),
  { from: [inNamespace(BUILD_NAMESPACE, { [LABELS.build]: "true" })], ports: [tcp(PORTS.context)] },
  { from: [inNamespace(monitoringNamespace)], ports: [tcp(PORTS.metrics)] },
];

function egress(network: BuilderNetwork): EgressRule[] {
  const { podIdentity, apiServerPort, services, internalSources, internalCidr } = network;
  const addresses = services
    .map(({ address, insecure }) => addressOf(address, insecure))
    .filter((address) => !isNamedHttps(address));
  return [
    dns(internalCidr),
    // The API server, whose address only the cluster knows; the registry, AWS's APIs and git hosts, through private endpoints or not.
    // Which of the internal ones a source may name, the service decides (`sources.internalHosts`): a NetworkPolicy knows no names.
    anywhere([...new Set([443, apiServerPort])].map((port) => tcp(port))),
    ...(podIdentity ? [only("169.254.170.23", 80)] : []),
    ...addresses.map(toAddress),
    ...(internalSources ? [internal([tcp()], internalCidr)] : []),
  ];
}
