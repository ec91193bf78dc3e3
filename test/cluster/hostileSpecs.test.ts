import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { functionCrdSpec } from "../../contract/function/crd";
import { MALFORMED_SPECS } from "../strangers/malformedSpecs";
import { REFUSED_SPECS } from "../strangers/refusedSpecs";
import { HARMLESS_SPEC } from "../strangers/specs";
import { cluster, describeWith } from "../support/requirements";

/** A group of the test's own, so that it leaves a platform on the same cluster alone. */
const GROUP = "hostile-specs.test.example.com";
const CRD = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `lambdafunctions.${GROUP}` },
  spec: {
    ...functionCrdSpec,
    group: GROUP,
    names: { ...functionCrdSpec.names, shortNames: ["crdhostile"] },
  },
};

const kubectl = (args: string[], object?: unknown) => {
  const input = object === undefined ? {} : { input: JSON.stringify(object) };
  const { status, stdout, stderr } = spawnSync("kubectl", args, { encoding: "utf8", ...input });
  return { fine: status === 0, stdout, stderr };
};

/** Creates a function for good, as any user of the API would. */
const create = (spec: unknown) =>
  kubectl(["create", "--validate=strict", "--filename", "-"], {
    apiVersion: `${GROUP}/v1alpha1`,
    kind: "LambdaFunction",
    metadata: { generateName: "hostile-", namespace: "default" },
    spec,
  });

const named = (field: string): RegExp =>
  new RegExp(`spec\\.${field.replace(/[.[\]]/g, (character) => `\\${character}`)}`);

describeWith([cluster()], "the definition of functions, before hostile specs on a real API server", () => {
  before(() => {
    const applied = kubectl(["apply", "--server-side", "--validate=strict", "--filename", "-"], CRD);
    assert.ok(applied.fine, applied.stderr);
    const ready = ["wait", `crd/${CRD.metadata.name}`, "--for=condition=Established", "--timeout=30s"];
    const established = kubectl(ready);
    assert.ok(established.fine, established.stderr);
  });
  after(() => kubectl(["delete", "crd", CRD.metadata.name, "--ignore-not-found"]));

  for (const { what, spec, field, api = named(field) } of MALFORMED_SPECS)
    it(`refuses a spec ${what}, and names its field`, () => {
      const { fine, stderr } = create(spec);
      assert.ok(!fine, "it was taken");
      assert.match(stderr, api);
    });

  it("has created nothing of them", () => {
    const { stdout } = kubectl(["get", CRD.metadata.name, "--all-namespaces", "--output=name"]);
    assert.equal(stdout, "");
  });

  it("takes what the reconciler is to refuse, and what is harmless", () => {
    for (const { what, spec } of [...REFUSED_SPECS, { what: "that is harmless", spec: HARMLESS_SPEC }]) {
      const { fine, stderr } = create(spec);
      assert.ok(fine, `a spec ${what}: ${stderr}`);
    }
  });
});
