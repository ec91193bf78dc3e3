import assert from "node:assert/strict";
import { specHonoured } from "../../../builder/reconcile/noEffect";
import { lambdaFunction } from "./support/lambdaFunction";

const said = (spec: Record<string, unknown>) => specHonoured(lambdaFunction(undefined, spec).spec);

describe("what of a spec has effect", () => {
  it("is all of a plain one, and the schema's own defaults are not held against it", () => {
    assert.equal(said({}).status, "True");
    assert.equal(said({ build: {} }).status, "True");
  });

  it("names each field that is kept without being done", () => {
    const { status, reason, message } = said({
      eventing: {},
      triggers: [{}],
      build: { registryType: "ecr", tag: "x" },
    });
    assert.equal(status, "False");
    assert.equal(reason, "FieldsWithoutEffect");
    for (const field of ["spec.eventing", "spec.triggers", "spec.build.registryType", "spec.build.tag"])
      assert.match(message, new RegExp(field.replaceAll(".", "\\.")));
    assert.doesNotMatch(message, /observability|insecure|repository/);
  });

  it("warns of a CPU limit, and keeps to it", () => {
    const { status, reason, message } = said({ resources: { limits: { cpu: "50m" } } });
    assert.deepEqual([status, reason], ["True", "CpuLimited"]);
    assert.match(message, /50m.*cold start/);
  });
});
