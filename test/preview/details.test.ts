import assert from "node:assert/strict";
import { detailsOf } from "../../preview/details";
import type { PreviewedResource } from "../../preview/resources";

const details = (type: string, inputs: Record<string, unknown>) => {
  const resource: PreviewedResource = {
    urn: "",
    type,
    name: "",
    parent: "",
    remote: false,
    protect: false,
    retainOnDelete: false,
    ignoreChanges: [],
    dependencies: [],
    inputs,
  };
  return detailsOf(resource).map(({ label, value }) => [label, value]);
};

describe("the details of a resource", () => {
  it("begin with namespace and name of a Kubernetes object, and of a Helm release", () => {
    const metadata = { namespace: "system", name: "builder" };
    assert.deepEqual(details("kubernetes:core/v1:Secret", { metadata, data: { key: "x" } }), [
      ["", "system/builder"],
    ]);
    assert.deepEqual(details("kubernetes:helm.sh/v3:Release", { namespace: "a", name: "b", version: "1" }), [
      ["", "a/b"],
      ["version", "1"],
    ]);
  });

  it("leave out what is not known yet", () => {
    assert.deepEqual(
      details("kubernetes:core/v1:Secret", { metadata: { namespace: "[unknown]", name: "b" } }),
      [["", "b"]],
    );
    assert.deepEqual(details("aws:s3/bucket:Bucket", { bucket: "[unknown]" }), []);
  });

  it("gather a property of every entry of a list, alone where there is one", () => {
    const metrics = [{ resource: { target: { averageUtilization: 70 } } }];
    assert.deepEqual(
      details("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", {
        spec: { minReplicas: 2, maxReplicas: 10, metrics },
      }),
      [
        ["minReplicas", 2],
        ["maxReplicas", 10],
        ["targetCPU", 70],
      ],
    );
  });

  it("look into JSON texts", () => {
    const policy = JSON.stringify({ rules: [{ description: "expire" }, { description: "keep" }] });
    assert.deepEqual(details("aws:ecr/lifecyclePolicy:LifecyclePolicy", { policy }), [
      ["images", ["expire", "keep"]],
    ]);
    assert.deepEqual(details("aws:ecr/lifecyclePolicy:LifecyclePolicy", { policy: "[unknown]" }), []);
  });

  it("gather keys by their beginning", () => {
    assert.deepEqual(
      details("kubernetes:core/v1:ConfigMap", { data: { KANIKO_CACHE: "true", OTHER: "x" } }),
      [["KANIKO_CACHE", "true"]],
    );
  });

  it("are none of a type that the table leaves out", () => {
    assert.deepEqual(details("aws:ec2/eip:Eip", { domain: "vpc" }), []);
  });
});
