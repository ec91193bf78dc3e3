import assert from "node:assert/strict";
import { BUILD_PLACEMENT, BuildNodes, type BuildNodesArgs } from "../../components/buildNodes";
import { record } from "../support/record";

const args: BuildNodesArgs = {
  capacityType: "spot",
  instanceCategories: ["c", "m"],
  minimumGeneration: 6,
  limits: { cpu: "128", memory: "256Gi" },
  disk: "200Gi",
  consolidateAfter: "5m",
  vcpuQuota: 256,
  architecture: "amd64",
  nodeRoleName: "nodes",
  securityGroupId: "sg-1",
  subnetIds: ["subnet-1", "subnet-2"],
};
const recorded = (changes: Partial<BuildNodesArgs> = {}) =>
  record(() => new BuildNodes("nodes", { ...args, ...changes }));
const CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass";
const POOL = "kubernetes:karpenter.sh/v1:NodePool";
const classSpec = async (changes: Partial<BuildNodesArgs> = {}) =>
  (await recorded(changes)).one(CLASS).inputs["spec"] as Record<string, unknown>;

interface PoolSpec {
  template: {
    metadata: { labels: unknown };
    spec: { nodeClassRef: unknown; taints: unknown; requirements: { key: string }[]; expireAfter: string };
  };
  limits: unknown;
  disruption: Record<string, unknown>;
}
const poolSpec = async (changes: Partial<BuildNodesArgs> = {}) =>
  (await recorded(changes)).one(POOL).inputs["spec"] as PoolSpec;

describe("BuildNodes", () => {
  it("makes exactly a class and the pool that needs it", async () => {
    const all = await recorded();
    assert.deepEqual(all.list().split("\n"), [
      "knative-lambda:kubernetes:BuildNodes nodes",
      `${CLASS} nodes-class`,
      `${POOL} nodes-pool`,
    ]);
    assert.deepEqual(all.one(POOL).dependencies, [all.one(CLASS).urn]);
  });

  it("puts nodes into the cluster's private network, with its role and no tags, which it may not set", async () => {
    assert.deepEqual(await classSpec(), {
      role: "nodes",
      subnetSelectorTerms: [{ id: "subnet-1" }, { id: "subnet-2" }],
      securityGroupSelectorTerms: [{ id: "sg-1" }],
      ephemeralStorage: { size: "200Gi", iops: 3000, throughput: 500 },
      networkPolicy: "DefaultAllow",
    });
  });

  it("tells the policies EC2's quota, which no resource else carries", async () => {
    const { annotations } = (await recorded()).one(POOL).inputs["metadata"] as { annotations: unknown };
    assert.deepEqual(annotations, { "knative-lambda.io/ec2-vcpu-quota": "256" });
  });

  it("writes a disk in whole Gi, as the API takes it", async () => {
    const size = async (disk: string) => (await classSpec({ disk }))["ephemeralStorage"];
    const speed = { iops: 3000, throughput: 500 };
    assert.deepEqual(await size("1Ti"), { size: "1024Gi", ...speed });
    assert.deepEqual(await size("204801Mi"), { size: "201Gi", ...speed });
  });

  it("never takes Auto Mode's own names", async () => {
    const all = await recorded();
    for (const type of [CLASS, POOL]) {
      const { name } = all.one(type).inputs["metadata"] as { name: string };
      assert.equal(name, "kaniko-builds");
      assert.ok(!["default", "system", "general-purpose"].includes(name));
    }
  });

  it("refers to its class by the name that the class has", async () => {
    assert.deepEqual((await poolSpec()).template.spec.nodeClassRef, {
      group: "eks.amazonaws.com",
      kind: "NodeClass",
      name: "kaniko-builds",
    });
  });

  it("keeps everything but builds off, and lets builds find it", async () => {
    const { template } = await poolSpec();
    assert.deepEqual(template.spec.taints, [
      { key: "knative-lambda.io/builds", value: "true", effect: "NoSchedule" },
    ]);
    assert.deepEqual(template.metadata.labels, { "knative-lambda.io/builds": "true" });
    assert.deepEqual(BUILD_PLACEMENT, {
      nodeLabels: { "knative-lambda.io/builds": "true" },
      tolerations: [
        { key: "knative-lambda.io/builds", operator: "Equal", value: "true", effect: "NoSchedule" },
      ],
    });
  });

  it("asks for the architecture, capacity and instances of the settings, by labels that Auto Mode has", async () => {
    const { requirements } = (
      await poolSpec({ architecture: "arm64", capacityType: "on-demand", minimumGeneration: 7 })
    ).template.spec;
    assert.deepEqual(requirements, [
      { key: "kubernetes.io/arch", operator: "In", values: ["arm64"] },
      { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
      { key: "eks.amazonaws.com/instance-category", operator: "In", values: ["c", "m"] },
      { key: "eks.amazonaws.com/instance-generation", operator: "Gt", values: ["6"] },
    ]);
    assert.equal(
      requirements.some(({ key }) => key.startsWith("karpenter.k8s.aws/") || key === "kubernetes.io/os"),
      false,
    );
  });

  it("is bounded by the limits of the settings", async () => {
    assert.deepEqual((await poolSpec({ limits: { cpu: "64", memory: "128Gi" } })).limits, {
      cpu: "64",
      memory: "128Gi",
    });
  });

  it("removes empty nodes and never a node that builds", async () => {
    const { disruption, template } = await poolSpec({ consolidateAfter: "1.5h" });
    assert.equal(disruption["consolidationPolicy"], "WhenEmpty");
    assert.equal(disruption["consolidateAfter"], "1h30m");
    assert.deepEqual(disruption["budgets"], [
      { nodes: "100%", reasons: ["Empty"] },
      { nodes: "10%", reasons: ["Drifted"] },
    ]);
    assert.equal(template.spec.expireAfter, "168h");
  });
});
