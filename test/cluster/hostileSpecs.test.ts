import assert from "node:assert/strict";
import { MALFORMED_SPECS } from "../strangers/malformedSpecs";
import { REFUSED_SPECS } from "../strangers/refusedSpecs";
import { HARMLESS_SPEC } from "../strangers/specs";
import { FunctionDefinition, kubectlNow } from "../support/functionDefinition";
import { cluster, describeWith } from "../support/requirements";

const DEFINITION = new FunctionDefinition("hostile-specs.test.example.com", "crdhostile");

/** Creates a function and keeps it, as any user of the API would. */
const create = (spec: unknown) =>
  kubectlNow(["create", "--validate=strict", "--filename", "-"], {
    apiVersion: `${DEFINITION.group}/v1alpha1`,
    kind: "LambdaFunction",
    metadata: { generateName: "hostile-", namespace: "default" },
    spec,
  });

const named = (field: string): RegExp =>
  new RegExp(`spec\\.${field.replace(/[.[\]]/g, (character) => `\\${character}`)}`);

describeWith([cluster()], "the definition of functions, before hostile specs on a real API server", () => {
  before(() => DEFINITION.establish());
  after(() => {
    DEFINITION.remove();
  });

  for (const { what, spec, field, api = named(field) } of MALFORMED_SPECS)
    it(`refuses a spec ${what}, and names its field`, () => {
      const { fine, stderr } = create(spec);
      assert.ok(!fine, "it was taken");
      assert.match(stderr, api);
    });

  it("has created nothing of them", () => {
    const { stdout } = kubectlNow(["get", DEFINITION.name, "--all-namespaces", "--output=name"]);
    assert.equal(stdout, "");
  });

  it("takes what the reconciler is to refuse, and what is harmless", () => {
    for (const { what, spec } of [...REFUSED_SPECS, { what: "that is harmless", spec: HARMLESS_SPEC }]) {
      const { fine, stderr } = create(spec);
      assert.ok(fine, `a spec ${what}: ${stderr}`);
    }
  });
});
