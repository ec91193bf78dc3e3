import assert from "node:assert/strict";
import { BuildNamespace, type BuildNamespaceArgs, ecrLayerHost } from "../../components/buildNamespace";
import type { EgressRule } from "../../components/networkRules";
import { record, type Recorded } from "../support/record";
import { permits } from "../support/networkPolicy";

const ECR = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
const LAYERS = "prod-us-west-2-starport-layer-bucket.s3.us-west-2.amazonaws.com";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const BY_DOMAIN = "kubernetes:networking.k8s.aws/v1alpha1:ApplicationNetworkPolicy";
const BUILD_PODS = { matchLabels: { "lambda.knative.io/build": "true" } };

const args: BuildNamespaceArgs = {
  diskLimit: "20Gi",
  packageIndexes: [],
  registry: ECR,
  domainPolicies: false,
  protect: true,
};
const recorded = (changes: Partial<BuildNamespaceArgs> = {}) =>
  record(() => new BuildNamespace("builds", { ...args, ...changes }));
const specOf = (all: Recorded, type: string) =>
  all.one(type).inputs["spec"] as { podSelector: object; policyTypes: string[]; egress?: EgressRule[] };
const egressOf = async (changes: Partial<BuildNamespaceArgs>) =>
  specOf(await recorded(changes), changes.domainPolicies ? BY_DOMAIN : POLICY).egress ?? [];
const domainsOf = (rules: EgressRule[]) =>
  rules.flatMap(({ to, ports }) =>
    to.flatMap((peer) =>
      ((peer["domainNames"] ?? []) as string[]).map(
        (domain) => `${domain}:${ports.map(({ port }) => port).join()}`,
      ),
    ),
  );

describe("BuildNamespace", () => {
  it("makes exactly the namespace and what bounds it", async () => {
    assert.deepEqual((await recorded()).list().split("\n"), [
      "knative-lambda:kubernetes:BuildNamespace builds",
      "kubernetes:core/v1:LimitRange builds-limits",
      `${NAMESPACE} builds-namespace`,
      "kubernetes:core/v1:ServiceAccount builds-service-account",
      `${POLICY} builds-network-policy`,
    ]);
  });

  it("refuses pods below `baseline`, and keeps functions that live in it where the stack protects", async () => {
    const namespace = async (protect: boolean) => (await recorded({ protect })).one(NAMESPACE);
    const { inputs, protect, retainOnDelete } = await namespace(true);
    const { name, labels } = inputs["metadata"] as { name: string; labels: Record<string, string> };
    assert.equal(name, "knative-lambda");
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "baseline");
    assert.deepEqual([protect, retainOnDelete], [true, true]);
    const free = await namespace(false);
    assert.deepEqual([free.protect, free.retainOnDelete], [false, false]);
  });

  it("has an account for builds that gets no token", async () => {
    const { inputs } = (await recorded()).one("kubernetes:core/v1:ServiceAccount");
    assert.equal((inputs["metadata"] as { name: string }).name, "kaniko-build");
    assert.equal(inputs["automountServiceAccountToken"], false);
  });

  it("bounds the disk of containers by a build's limit, and neither their CPU nor their memory", async () => {
    const { inputs } = (await recorded({ diskLimit: "40Gi" })).one("kubernetes:core/v1:LimitRange");
    assert.deepEqual(inputs["spec"], {
      limits: [
        {
          type: "Container",
          default: { "ephemeral-storage": "40Gi" },
          defaultRequest: { memory: "64Mi", "ephemeral-storage": "64Mi" },
          max: { "ephemeral-storage": "40Gi" },
        },
      ],
    });
  });

  it("selects build pods alone: functions may live beside them", async () => {
    const all = await recorded({ domainPolicies: true });
    assert.deepEqual(specOf(all, POLICY).podSelector, BUILD_PODS);
    assert.deepEqual(specOf(all, BY_DOMAIN).podSelector, BUILD_PODS);
  });

  it("lets nothing in to a build", async () => {
    for (const domainPolicies of [false, true]) {
      const spec = specOf(await recorded({ domainPolicies }), POLICY);
      assert.ok(spec.policyTypes.includes("Ingress"));
      assert.equal("ingress" in spec, false);
    }
  });

  describe("by address", () => {
    it("lets a build out to names, the builder's context port and public HTTPS, and to nothing else", async () => {
      const rules = await egressOf({});
      assert.equal(rules.length, 3);
      assert.deepEqual(rules[1], {
        to: [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "knative-lambda-system" } },
            podSelector: {
              matchLabels: {
                "app.kubernetes.io/name": "knative-lambda",
                "app.kubernetes.io/component": "builder",
              },
            },
          },
        ],
        ports: [{ protocol: "TCP", port: 8082 }],
      });
      assert.ok(permits(rules, "140.82.112.3", 443));
      assert.ok(permits(rules, "172.20.0.10", 53, "UDP"));
      // Kubernetes' API by its Service, an endpoint in the VPC, a pod, the instance's metadata, the credential agent.
      for (const [address, port] of [
        ["172.20.0.1", 443],
        ["10.0.1.5", 443],
        ["10.0.77.3", 8080],
        ["169.254.169.254", 80],
        ["169.254.170.23", 80],
      ] as const)
        assert.equal(permits(rules, address, port), false, address);
    });

    it("shuts a VPC of public addresses", async () => {
      assert.equal(permits(await egressOf({ internalCidr: "52.10.0.0/16" }), "52.10.0.9", 443), false);
    });

    it("opens a registry that has an address or a port of its own", async () => {
      const numbered = await egressOf({ registry: "10.244.77.2:5000", insecureRegistry: true });
      assert.ok(permits(numbered, "10.244.77.2", 5000));
      assert.equal(permits(numbered, "10.244.77.3", 5000), false);
      const named = await egressOf({ registry: "registry.example.com:5000" });
      assert.ok(permits(named, "10.1.2.3", 5000));
      assert.equal(permits(named, "10.1.2.3", 443), false);
      assert.equal((await egressOf({ registry: "registry.example.com" })).length, 3);
    });

    it("opens another registry of base images that has an address or a port of its own", async () => {
      const rules = await egressOf({ baseRegistries: ["10.244.77.9:5000", "ghcr.io"] });
      assert.ok(permits(rules, "10.244.77.9", 5000));
      assert.equal(permits(rules, "10.244.77.8", 5000), false);
      assert.equal(rules.length, 4);
    });

    it("makes no policy of a kind that only EKS knows", async () => {
      assert.deepEqual((await recorded()).all(BY_DOMAIN), []);
    });
  });

  describe("by domain", () => {
    const onEks = { domainPolicies: true, layerHosts: [ecrLayerHost("us-west-2")] };

    it("opens the registry, its layers and the package indexes, by name, and no other host", async () => {
      const rules = await egressOf({ ...onEks, packageIndexes: ["index.example.com", "*.example.org"] });
      assert.deepEqual(domainsOf(rules), [
        `${ECR}:443`,
        `${LAYERS}:443`,
        "index.example.com:443",
        "*.example.org:443",
      ]);
      assert.equal(permits(rules, "140.82.112.3", 443), false);
      assert.equal(permits(rules, "10.0.1.5", 443), false);
    });

    it("opens any public host where no package index is named, and the registry by name all the same", async () => {
      const rules = await egressOf(onEks);
      assert.deepEqual(domainsOf(rules), [`${ECR}:443`, `${LAYERS}:443`]);
      assert.ok(permits(rules, "140.82.112.3", 443));
      assert.equal(permits(rules, "169.254.169.254", 443), false);
      assert.equal(permits(rules, "172.20.0.1", 443), false);
    });

    it("opens the registries of base images too, with the hosts that they send a puller to, where package indexes are named", async () => {
      const rules = await egressOf({
        ...onEks,
        packageIndexes: ["index.example.com"],
        baseRegistries: ["ghcr.io", "images.example.com:5000", "203.0.113.9:5000"],
      });
      assert.deepEqual(domainsOf(rules), [
        `${ECR}:443`,
        `${LAYERS}:443`,
        "ghcr.io:443",
        "pkg-containers.githubusercontent.com:443",
        "images.example.com:5000",
        "index.example.com:443",
      ]);
      assert.ok(permits(rules, "203.0.113.9", 5000));
      assert.equal(permits(rules, "203.0.113.9", 443), false);
      assert.equal(permits(rules, "140.82.112.3", 443), false);
    });

    it("leaves the ways out to one policy, under a name of its own", async () => {
      const all = await recorded(onEks);
      assert.deepEqual(specOf(all, POLICY).policyTypes, ["Ingress"]);
      assert.equal("egress" in specOf(all, POLICY), false);
      assert.deepEqual(specOf(all, BY_DOMAIN).policyTypes, ["Egress"]);
      const nameOf = (type: string) => (all.one(type).inputs["metadata"] as { name: string }).name;
      assert.notEqual(nameOf(POLICY), nameOf(BY_DOMAIN));
    });
  });
});
