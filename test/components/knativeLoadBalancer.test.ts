import assert from "node:assert/strict";
import { knativeLoadBalancer, type KnativeLoadBalancerArgs } from "../../components/knativeLoadBalancer";

const CERTIFICATE = "arn:aws:acm:us-west-2:123456789012:certificate/1";
const service = (changes: Partial<KnativeLoadBalancerArgs> = {}) =>
  knativeLoadBalancer({ scheme: "internal", autoMode: true, ...changes });
const annotation = (name: string) => `service.beta.kubernetes.io/aws-load-balancer-${name}`;

describe("knativeLoadBalancer", () => {
  it("asks EKS Auto Mode for an internal NLB with the gateway's pods behind it", () => {
    const { metadata, spec } = service();
    assert.equal(metadata.namespace, "knative-serving");
    assert.deepEqual(metadata.annotations, {
      [annotation("scheme")]: "internal",
      [annotation("nlb-target-type")]: "ip",
    });
    assert.deepEqual(spec, {
      type: "LoadBalancer",
      selector: { app: "3scale-kourier-gateway" },
      ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }],
      loadBalancerClass: "eks.amazonaws.com/nlb",
      allocateLoadBalancerNodePorts: false,
    });
  });

  it("ends TLS at the load balancer, and leaves no way in without it", () => {
    const { metadata, spec } = service({ scheme: "internet-facing", certificateArn: CERTIFICATE });
    assert.deepEqual(metadata.annotations, {
      [annotation("scheme")]: "internet-facing",
      [annotation("nlb-target-type")]: "ip",
      [annotation("ssl-cert")]: CERTIFICATE,
      [annotation("ssl-ports")]: "443",
    });
    assert.deepEqual(spec.ports, [{ name: "https", port: 443, targetPort: 8080, protocol: "TCP" }]);
  });

  it("faces the internet on request only", () => {
    assert.equal(JSON.stringify(service()).includes("internet-facing"), false);
    assert.equal(JSON.stringify(service({ autoMode: false })).includes("internet-facing"), false);
  });

  it("asks other clusters for an internal one in each cloud's words, and for no class that they don't have", () => {
    const { metadata, spec } = service({ autoMode: false });
    assert.deepEqual(metadata.annotations, {
      [annotation("scheme")]: "internal",
      "networking.gke.io/load-balancer-type": "Internal",
      "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    });
    assert.equal("loadBalancerClass" in spec, false);
    assert.equal("allocateLoadBalancerNodePorts" in spec, false);
    assert.deepEqual(service({ autoMode: false, scheme: "internet-facing" }).metadata.annotations, {
      [annotation("scheme")]: "internet-facing",
    });
  });
});
