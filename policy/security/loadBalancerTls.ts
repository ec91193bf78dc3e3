import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

const SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme";
const CERTIFICATE = "service.beta.kubernetes.io/aws-load-balancer-ssl-cert";

interface Service {
  metadata: { annotations?: Record<string, string> };
  spec: { type?: string; loadBalancerClass?: string };
}

export const loadBalancerTls = resourcePolicy<Service>(
  {
    name: "load-balancer-tls",
    severity: "high",
    description: "A load balancer of AWS on the internet has a certificate.",
    remediation: "Name the certificate (knative.certificateArn), or make the load balancer internal.",
    blind: "Load balancers of charts and of other clouds, and what the certificate is for.",
  },
  [TYPES.service],
  ({ props: { metadata, spec } }) =>
    spec?.type === "LoadBalancer" &&
    (spec.loadBalancerClass ?? "").startsWith("eks.amazonaws.com/") &&
    metadata?.annotations?.[SCHEME] === "internet-facing" &&
    (metadata.annotations[CERTIFICATE] ?? "") === ""
      ? [
          `annotation ${CERTIFICATE} is missing on a load balancer that faces the internet; name a certificate.`,
        ]
      : [],
);
