import { isValid as isIp, parse as parseIp } from "ipaddr.js";

/** Addresses that lead back to the node and to what it knows: instance metadata, credential agents. */
const LINK_LOCAL = "169.254.0.0/16";
/** Where clusters, nodes and VPCs lie: RFC 1918, and RFC 6598, which EKS offers for pods. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/** One of a NetworkPolicy's peers. */
export type Peer = Record<string, unknown>;

export interface EgressRule {
  to: Peer[];
  ports: Port[];
}

export interface Port {
  protocol: "TCP" | "UDP";
  port?: number;
}

export const tcp = (port?: number): Port =>
  port === undefined ? { protocol: "TCP" } : { protocol: "TCP", port };

const block = (cidr: string, except: readonly string[] = []): Peer => ({
  ipBlock: except.length === 0 ? { cidr } : { cidr, except: [...except] },
});

/** A namespace, by the label that the API server itself puts on each. */
export const inNamespace = (name: string, podLabels?: Record<string, string>): Peer => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  ...(podLabels === undefined ? {} : { podSelector: { matchLabels: podLabels } }),
});

/** Every pod of the cluster. */
export const ANY_POD: Peer = { namespaceSelector: {} };

/** The addresses of a network's inside. @param internalCidr block of the VPC, where one is known */
const inside = (internalCidr: string | undefined): string[] =>
  internalCidr === undefined || PRIVATE.some((known) => covers(known, internalCidr))
    ? PRIVATE
    : [...PRIVATE, internalCidr];

function covers(outer: string, inner: string): boolean {
  const [network = "", bits = ""] = outer.split("/");
  const [address = "", innerBits = ""] = inner.split("/");
  return Number(innerBits) >= Number(bits) && parseIp(address).match(parseIp(network), Number(bits));
}

/**
 * Name resolution by the cluster's own resolver, wherever it runs: a pod, the node (EKS Auto Mode: a link-local or node address),
 * or the VPC. Port 53 of the internet stays shut: it would be a way out for anything.
 */
export const dns = (internalCidr?: string): EgressRule => ({
  to: [...[...inside(internalCidr), LINK_LOCAL].map((cidr) => block(cidr)), inNamespace("kube-system")],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
});

/** Any address on the internet: nothing of the cluster, its API server, the VPC, or the instance's metadata. */
export const publicHttps = (internalCidr?: string): EgressRule => ({
  to: [block("0.0.0.0/0", [...inside(internalCidr), LINK_LOCAL, "127.0.0.0/8"])],
  ports: [tcp(443)],
});

/** Any address inside or outside but the instance's metadata and what else a node answers on link-local addresses. */
export const anywhere = (ports: Port[]): EgressRule => ({ to: [block("0.0.0.0/0", [LINK_LOCAL])], ports });

/** Any address inside. */
export const internal = (ports: Port[], internalCidr?: string): EgressRule => ({
  to: [...inside(internalCidr).map((cidr) => block(cidr)), ANY_POD],
  ports,
});

/** Exactly one address. */
export const only = (address: string, port: number): EgressRule => ({
  to: [block(`${address}/32`)],
  ports: [tcp(port)],
});

/** Where a service outside the cluster answers. */
export interface Address {
  host: string;
  port: number;
}

/** Reads `registry.example.com:5000` or `http://minio.example.com:9000`. @param insecure whether the default port is HTTP's */
export function addressOf(text: string, insecure = false): Address {
  const url = new URL(text.includes("://") ? text : `${insecure ? "http" : "https"}://${text}`);
  return { host: url.hostname, port: Number(url.port) || (url.protocol === "http:" ? 80 : 443) };
}

/** Whether an address is that of public HTTPS, as far as its text tells: a name, and port 443. */
export const isNamedHttps = ({ host, port }: Address): boolean => port === 443 && !isIp(host);

/**
 * The way to one service. NetworkPolicies know no names: one that is named rather than numbered may lie anywhere, but only its port is open.
 */
export const toAddress = ({ host, port }: Address): EgressRule =>
  isIp(host) ? only(host, port) : { to: [block("0.0.0.0/0", [LINK_LOCAL]), ANY_POD], ports: [tcp(port)] };
