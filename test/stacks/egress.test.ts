import assert from "node:assert/strict";
import { resolve } from "node:path";
import type { EgressRule } from "../../components/networkRules";
import { evaluate } from "../../preview/evaluate";
import { readStackFile } from "../../preview/stackFile";

const FOLDER = resolve(__dirname, "..", "..");

describe("what a stack's builds reach", () => {
  it("has the registry of each base image that its file names, where package indexes are all that is open", async () => {
    const { registrations } = await evaluate(
      readStackFile(FOLDER, "prod", [
        "sources.packageIndexes=[pypi.org]",
        "imageRepositories.baseImages.python=quay.io/team/python:3.13",
        "imageRepositories.baseImages.goRuntime=gcr.io/distroless/static:v1",
      ]),
    );
    const policy = registrations.find(({ name }) => name === "builds-domain-policy");
    const { egress } = policy?.inputs["spec"] as { egress: EgressRule[] };
    const domains = egress.flatMap(({ to }) => to.flatMap((peer) => peer["domainNames"] ?? []));
    for (const host of ["pypi.org", "quay.io", "cdn01.quay.io", "gcr.io"])
      assert.ok(domains.includes(host), host);
    assert.ok(!egress.some(({ to }) => to.some((peer) => JSON.stringify(peer).includes("0.0.0.0/0"))));
  });
});

describe("where a stack's builder sends its traces", () => {
  const made = async (...sets: string[]) => {
    const { registrations } = await evaluate(readStackFile(FOLDER, "prod", sets));
    const inputs = (type: string, name: string) =>
      registrations.find((one) => one.type === type && one.name === name)?.inputs ?? {};
    const { egress } = inputs("kubernetes:networking.k8s.io/v1:NetworkPolicy", "builder-network-policy")[
      "spec"
    ] as {
      egress: EgressRule[];
    };
    const environment = inputs("kubernetes:core/v1:ConfigMap", "builder-environment")["data"];
    return {
      endpoint: (environment as Record<string, string>)["OTEL_EXPORTER_OTLP_ENDPOINT"],
      ports: egress.flatMap(({ ports }) => ports.map(({ port }) => port)),
    };
  };

  it("is nowhere unless it is said", async () => {
    const { endpoint, ports } = await made();
    assert.equal(endpoint, "");
    assert.ok(!ports.includes(4318));
  });

  it("is the collector that monitoring.traces names, whose port is open to it", async () => {
    const collector = "http://otel-collector.monitoring.svc:4318";
    const { endpoint, ports } = await made(`monitoring.traces=${collector}`);
    assert.equal(endpoint, collector);
    assert.ok(ports.includes(4318));
  });
});
