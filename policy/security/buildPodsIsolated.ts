import ipaddr from "ipaddr.js";
import { LABELS, PRODUCT } from "../../contract/labels";
import { BUILD_NAMESPACE, BUILDER } from "../../contract/names";
import { reachedInside, tooWide, WIDEST, type Widest } from "../kit/blocks";
import { builderSettings } from "../kit/builds";
import {
  isEveryPod,
  isOnlyOn,
  type NetworkPolicy,
  type Rule,
  selectingBoth,
  wrongRulesFor,
} from "../kit/networkPolicies";
import { type Stack, stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

/** A build pod's labels, as builder/build/buildJob.ts writes them; undefined: of any value. */
const BUILD_POD = {
  [LABELS.build]: "true",
  [LABELS.function]: undefined,
  [LABELS.functionNamespace]: undefined,
  "app.kubernetes.io/name": PRODUCT,
  "app.kubernetes.io/component": "build",
  "app.kubernetes.io/managed-by": BUILDER,
};

const DNS = 53;

/**
 * The ports of registries that have a name and aren't at 443: the stack's own, and those of base images. A NetworkPolicy knows no names, so
 * that the way to one is a way to that port of any address.
 */
const registryPorts = (stack: Stack): number[] =>
  builderSettings(stack).flatMap(({ settings }) => {
    const own = settings["REGISTRY"] ?? "";
    const others = Object.keys(settings)
      .filter((name) => name.startsWith("BASE_IMAGE_"))
      .map((name) => settings[name]?.split("/")[0] ?? "");
    return [own, ...others].flatMap((registry) => {
      const [host = "", port] = registry.split(":");
      const otherwise = registry === own && settings["REGISTRY_INSECURE"] === "true" ? 80 : 443;
      const at = Number(port ?? otherwise);
      return at === 443 || ipaddr.isValid(host) ? [] : [at];
    });
  });

/** What is wrong with a rule for build pods, once. */
function wrongWith(rule: Rule, openPorts: readonly number[], widest: Widest): string | undefined {
  const { at, direction, peers } = rule;
  const blocks = peers.flatMap(({ ipBlock }) => ipBlock ?? []);
  if (direction === "Ingress") {
    if (peers.length === 0 || peers.some(isEveryPod))
      return `${at} lets in anybody; name the pods that may come`;
    const open = blocks.find(
      (block) => reachedInside(block).length > 0 || tooWide([block.cidr ?? ""], widest).length > 0,
    );
    return open && `${at} lets in ${open.cidr ?? ""}; name the pods that may come`;
  }
  if (peers.length === 0) return `${at} goes anywhere; name where to`;
  if (isOnlyOn(rule, openPorts)) return undefined;
  if (peers.some(isEveryPod)) return `${at} goes to every pod; name the pods that a build needs`;
  const open = blocks.find((block) => reachedInside(block).length > 0);
  return (
    open && `${at} to ${open.cidr ?? ""} takes in ${reachedInside(open).join(", ")}; except what lies inside`
  );
}

export const buildPodsIsolated = stackPolicy<Widest>(
  {
    name: "build-pods-isolated",
    severity: "critical",
    description: "NetworkPolicies shut build pods in: nobody comes in, and nothing inside is reached.",
    remediation: `Keep a policy that selects pods labelled ${LABELS.build} with Ingress, and one with Egress, as components/buildNamespace.ts does, and no other that opens what they shut: a build runs its user's code as root. Out of ${BUILD_NAMESPACE} lead the resolver at port ${DNS}, the builder, the registry, and public addresses.`,
    blind:
      "Whether a cluster that the stack doesn't make enforces NetworkPolicies. In which namespace they are: its name is unknown before there is a cluster, so that a policy for every pod is taken to be for builds too. What answers under a domain's name, behind a selector of pods that has labels, and at a single address that a rule names. Policies of other kinds, as a CNI plugin has them. A VPC outside the private ranges.",
    config: WIDEST,
  },
  [TYPES.namespace, TYPES.networkPolicy, TYPES.applicationNetworkPolicy, TYPES.configMap],
  (stack, widest) => {
    const policies = stack.all<NetworkPolicy>(TYPES.networkPolicy, TYPES.applicationNetworkPolicy);
    const openPorts = [DNS, ...registryPorts(stack)];
    return [
      ...stack
        .all<{ metadata: { name?: string } }>(TYPES.namespace)
        .filter(({ props }) => props.metadata?.name === BUILD_NAMESPACE)
        .flatMap(({ urn }) =>
          selectingBoth(policies, { [LABELS.build]: "true" }).map((direction) => ({
            urn,
            message: `no NetworkPolicy has ${direction} for build pods (${LABELS.build}); make one that selects them.`,
          })),
        ),
      ...wrongRulesFor(
        policies,
        BUILD_POD,
        (rule) => wrongWith(rule, openPorts, widest),
        "build pods are meant too",
      ),
    ];
  },
);
