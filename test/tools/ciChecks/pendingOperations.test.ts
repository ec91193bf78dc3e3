import assert from "node:assert/strict";
import {
  adopted,
  knownId,
  type PendingOperation,
  recovery,
  type StateResource,
} from "../../../tools/ciChecks/pendingOperations";

const resource = (type: string, name: string, inputs: Record<string, unknown> = {}): StateResource => ({
  urn: `urn:pulumi:dev::knative-lambda::${type}::${name}`,
  type,
  inputs,
});
const pending = (type: PendingOperation["type"], of: StateResource): PendingOperation => ({
  type,
  resource: of,
});

const configMap = resource("kubernetes:core/v1:ConfigMap", "settings", {
  metadata: { name: "settings", namespace: "knative-lambda-system" },
});
const vpc = resource("aws:ec2/vpc:Vpc", "network-vpc", { cidrBlock: "10.0.0.0/16" });

describe("what an interrupted update left pending", () => {
  it("is found by its name where the name is the ID", () => {
    assert.equal(knownId(configMap), "knative-lambda-system/settings");
    assert.equal(
      knownId(resource("kubernetes:core/v1:Namespace", "builds", { metadata: { name: "builds" } })),
      "builds",
    );
    assert.equal(knownId(resource("aws:s3/bucket:Bucket", "sources", { bucket: "a-bucket" })), "a-bucket");
    assert.equal(knownId(resource("aws:ecr/repository:Repository", "r", { name: "a/b" })), "a/b");
    assert.equal(knownId(resource("aws:iam/role:Role", "role", { name: "builder" })), "builder");
  });

  it("isn't where a provider makes the ID, where no name was given, or where a chart was under way", () => {
    assert.equal(knownId(vpc), undefined);
    assert.equal(knownId(resource("aws:iam/role:Role", "role")), undefined);
    assert.equal(knownId(resource("kubernetes:core/v1:ConfigMap", "c", { metadata: {} })), undefined);
    assert.equal(
      knownId(
        resource("kubernetes:helm.sh/v3:Release", "kueue", {
          name: "kueue",
          namespace: "kueue-system",
          metadata: { name: "kueue" },
        }),
      ),
      undefined,
    );
  });

  it("is taken in with its ID, read again, or left for somebody to look at", () => {
    const updated = resource("aws:s3/bucket:Bucket", "sources");
    const gone = resource("aws:s3/bucket:Bucket", "gone");
    const plan = recovery({
      resources: [updated],
      pending_operations: [
        pending("creating", configMap),
        pending("creating", vpc),
        pending("updating", updated),
        pending("deleting", gone),
      ],
    });
    assert.deepEqual(plan, {
      adopt: [{ ...configMap, id: "knative-lambda-system/settings" }],
      refresh: [updated.urn],
      look: [vpc],
    });
  });

  it("is looked at where a replacement was under way: the name is that of the old one too", () => {
    const plan = recovery({ resources: [configMap], pending_operations: [pending("creating", configMap)] });
    assert.deepEqual(plan, { adopt: [], refresh: [], look: [configMap] });
  });

  it("is nothing in a state without it", () => {
    assert.deepEqual(recovery({}), { adopt: [], refresh: [], look: [] });
    assert.deepEqual(recovery({ resources: [vpc] }), { adopt: [], refresh: [], look: [] });
  });

  it("goes behind what was made before it, with everything else of the state kept", () => {
    const before = {
      secrets_providers: { type: "cloud" },
      resources: [vpc],
      pending_operations: [pending("creating", configMap)],
    };
    assert.deepEqual(adopted(before, [configMap]), {
      secrets_providers: { type: "cloud" },
      resources: [vpc, { ...configMap, outputs: configMap.inputs }],
      pending_operations: [],
    });
  });
});
