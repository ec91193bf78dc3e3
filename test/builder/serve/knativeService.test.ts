import assert from "node:assert/strict";
import { knativeService, PREVIOUS_IMAGE_ANNOTATION } from "../../../builder/serve/knativeService";
import type { KeptScale } from "../../../builder/serve/keepAlive";
import { lambdaFunction } from "../reconcile/support/lambdaFunction";

const image = "registry.example/functions/team-a@sha256:aa";

interface Template {
  metadata: { annotations: Record<string, string>; labels: Record<string, string> };
  spec: {
    nodeSelector: Record<string, string>;
    imagePullSecrets?: { name: string }[];
    containers: Record<string, unknown>[];
  };
}

function made(spec: Record<string, unknown> = {}, kept?: KeptScale, previousImage?: string) {
  const service = knativeService({
    fn: lambdaFunction(undefined, spec),
    image,
    previousImage,
    architecture: "arm64",
    kept,
  });
  const template = (service.spec as { template: Template }).template;
  return { service, template, container: template.spec.containers[0] ?? {} };
}

const scale = (template: Template) =>
  ["min-scale", "max-scale", "target"].map(
    (name) => template.metadata.annotations[`autoscaling.knative.dev/${name}`],
  );

describe("a function's Knative Service", () => {
  it("runs the image by digest, on the stack's architecture, and goes with the function", () => {
    const { service, template, container } = made();
    assert.equal(container["image"], image);
    assert.deepEqual(template.spec.nodeSelector, { "kubernetes.io/arch": "arm64" });
    assert.deepEqual(
      service.metadata.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller]),
      [["LambdaFunction", "uid-1", true]],
    );
    assert.equal("imagePullSecrets" in template.spec, false);
    assert.equal("command" in container, false);
  });

  it("has no CPU limit unless the spec has one, and no limit at all where none is given", () => {
    assert.equal("limits" in (made().container["resources"] as object), false);
    assert.deepEqual(
      (made({ resources: { limits: { memory: "128Mi" } } }).container["resources"] as { limits: object })
        .limits,
      { memory: "128Mi" },
    );
    assert.deepEqual(
      (
        made({ resources: { limits: { cpu: "1", memory: "1Gi" } } }).container["resources"] as {
          limits: object;
        }
      ).limits,
      { cpu: "1", memory: "1Gi" },
    );
  });

  it("scales as the spec says, from zero", () => {
    assert.deepEqual(scale(made().template), ["0", "50", "10"]);
    assert.deepEqual(
      scale(made({ scaling: { minReplicas: 2, maxReplicas: 5, targetConcurrency: 3 } }).template),
      ["2", "5", "3"],
    );
  });

  it("keeps the last pod as long as its spec says, and else as long as the platform's own setting", () => {
    const retention = (scaling: Record<string, unknown>) =>
      made({ scaling }).template.metadata.annotations[
        "autoscaling.knative.dev/scale-to-zero-pod-retention-period"
      ];
    assert.equal(retention({ scaleToZeroGracePeriod: "2m" }), "2m");
    assert.equal(retention({ minReplicas: 0 }), undefined);
    assert.equal(retention({}), undefined);
  });

  it("keeps a pod of a hot function, and never fewer than the spec asks for", () => {
    const kept = { minScale: 1, maxScale: 10, target: 20 };
    assert.deepEqual(scale(made({}, kept).template), ["1", "10", "20"]);
    assert.deepEqual(scale(made({ scaling: { minReplicas: 12, maxReplicas: 15 } }, kept).template), [
      "12",
      "12",
      "20",
    ]);
  });

  it("takes an image's own port, command, pull policy and pull secrets", () => {
    const { template, container } = made({
      source: {
        type: "image",
        image: {
          repository: "ghcr.io/a/b",
          port: 9000,
          args: ["--x"],
          pullPolicy: "Always",
          imagePullSecrets: ["s1", "s2"],
        },
      },
      build: { imagePullSecret: "s2" },
    });
    assert.deepEqual(container["ports"], [{ containerPort: 9000, protocol: "TCP" }]);
    assert.deepEqual(container["args"], ["--x"]);
    assert.equal(container["imagePullPolicy"], "Always");
    assert.deepEqual(template.spec.imagePullSecrets, [{ name: "s1" }, { name: "s2" }]);
  });

  it("hands on the function's variables, and lets them go before its own", () => {
    const env = [
      { name: "FUNCTION_NAMESPACE", value: "mine" },
      { name: "A", value: "1" },
    ];
    assert.deepEqual(made({ env }).container["env"], env);
    assert.deepEqual(made().container["env"], [{ name: "FUNCTION_NAMESPACE", value: "team-a" }]);
  });

  it("remembers the image before, where there was one", () => {
    assert.equal(made({}, undefined, "old").service.metadata.annotations?.[PREVIOUS_IMAGE_ANNOTATION], "old");
    assert.equal(PREVIOUS_IMAGE_ANNOTATION in (made().service.metadata.annotations ?? {}), false);
  });
});
