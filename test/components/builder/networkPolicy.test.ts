import assert from "node:assert/strict";
import { type BuilderNetwork, networkPolicySpec } from "../../../components/builder/networkPolicy";
import { permits } from "../../support/networkPolicy";

const AWS: BuilderNetwork = {
  podIdentity: true,
  apiServerPort: 443,
  services: [{ address: "123456789012.dkr.ecr.us-west-2.amazonaws.com" }],
  internalSources: false,
};
const LAB: BuilderNetwork = {
  podIdentity: false,
  apiServerPort: 6443,
  services: [{ address: "10.244.77.2:5000", insecure: true }, { address: "http://10.244.77.1:15555" }],
  internalSources: false,
};
const egressOf = (network: BuilderNetwork) => networkPolicySpec(network, [], "monitoring").egress;
const ingressOf = (eventSenders: string[]) =>
  networkPolicySpec(AWS, eventSenders, "observability").ingress.map(({ from, ports }) => [
    ports.map(({ port }) => port),
    JSON.stringify(from),
  ]);
const namespace = (name: string) =>
  `{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"${name}"}}`;

describe("the builder's NetworkPolicy", () => {
  it("selects the builder's pods, both ways", () => {
    const { podSelector, policyTypes } = networkPolicySpec(AWS, [], "monitoring");
    assert.deepEqual(podSelector, {
      matchLabels: { "app.kubernetes.io/name": "knative-lambda", "app.kubernetes.io/component": "builder" },
    });
    assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
  });

  it("opens the port of authenticated callers to pods, that of contexts to builds, that of metrics to Prometheus", () => {
    assert.deepEqual(ingressOf([]), [
      [[8080], '[{"namespaceSelector":{}}]'],
      [
        [8082],
        `[${namespace("knative-lambda")},"podSelector":{"matchLabels":{"lambda.knative.io/build":"true"}}}]`,
      ],
      [[9090], `[${namespace("observability")}}]`],
    ]);
  });

  it("opens the broker's port to the named namespaces, and to nobody where none is", () => {
    assert.deepEqual(ingressOf(["events", "queues"])[1], [
      [8081],
      `[${namespace("events")}},${namespace("queues")}}]`,
    ]);
    assert.equal(
      ingressOf([]).some(([ports]) => JSON.stringify(ports).includes("8081")),
      false,
    );
  });

  it("lets out to AWS' APIs, git hosts and the API server, and to the credential agent of the node", () => {
    const rules = egressOf(AWS);
    assert.ok(permits(rules, "140.82.112.3", 443));
    assert.ok(permits(rules, "10.0.32.7", 443));
    assert.ok(permits(rules, "169.254.170.23", 80));
    assert.equal(permits(rules, "169.254.170.23", 443), false);
  });

  it("never lets out to the instance's metadata, to plain HTTP or to other ports", () => {
    for (const network of [AWS, LAB]) {
      const rules = egressOf(network);
      assert.equal(permits(rules, "169.254.169.254", 80), false);
      assert.equal(permits(rules, "93.184.216.34", 80), false);
      assert.equal(permits(rules, "10.1.2.3", 5432), false);
      assert.equal(permits(rules, "8.8.8.8", 53, "UDP"), false);
    }
    assert.equal(permits(egressOf(AWS), "10.1.2.3", 6443), false);
  });

  it("opens the addresses of a registry and a store that exist, and no credential agent where there is none", () => {
    const rules = egressOf(LAB);
    assert.ok(permits(rules, "10.244.77.2", 5000));
    assert.ok(permits(rules, "10.244.77.1", 15555));
    assert.ok(permits(rules, "192.168.0.10", 6443));
    assert.equal(permits(rules, "10.244.77.1", 5000), false);
    assert.equal(permits(rules, "169.254.170.23", 80), false);
  });

  it("opens other ports inside only where sources may come from there", () => {
    assert.equal(permits(egressOf(AWS), "10.1.2.3", 9000), false);
    const rules = egressOf({ ...AWS, internalSources: true });
    assert.ok(permits(rules, "10.1.2.3", 9000));
    assert.equal(permits(rules, "169.254.169.254", 80), false);
    assert.equal(permits(rules, "93.184.216.34", 9000), false);
  });
});
