import assert from "node:assert/strict";
import { ServingNodes } from "../../components/servingNodes";
import { record } from "../support/record";

interface NodePool {
  limits: { cpu: string; memory: string };
  template: {
    spec: { taints?: unknown[]; requirements: { key: string; operator: string; values: string[] }[] };
  };
}

const pool = async (architecture: "amd64" | "arm64"): Promise<NodePool> => {
  const recorded = await record(
    () => new ServingNodes("serving", { architecture, limits: { cpu: "64", memory: "256Gi" } }),
  );
  assert.equal(recorded.registrations.length, 2);
  return recorded.one("kubernetes:karpenter.sh/v1:NodePool").inputs["spec"] as NodePool;
};

describe("ServingNodes", () => {
  for (const architecture of ["amd64", "arm64"] as const) {
    it(`has ${architecture} nodes where images are ${architecture}`, async () => {
      const { requirements } = (await pool(architecture)).template.spec;
      assert.deepEqual(
        requirements.filter(({ key }) => key === "kubernetes.io/arch"),
        [{ key: "kubernetes.io/arch", operator: "In", values: [architecture] }],
      );
    });
  }

  it("is bounded, and open to every pod", async () => {
    const { limits, template } = await pool("arm64");
    assert.deepEqual(limits, { cpu: "64", memory: "256Gi" });
    assert.equal(template.spec.taints, undefined);
  });
});
