import assert from "node:assert/strict";
import fc from "fast-check";
import { specMistakes } from "../../../builder/intake/specMistakes";
import { inlineSpec } from "./support/clusterOfRights";

const fields = (spec: unknown) => specMistakes(spec, "spec").map(({ field }) => field);

describe("specMistakes", () => {
  it("finds none in what the API server takes", () => {
    assert.deepEqual(specMistakes(inlineSpec(), "spec"), []);
    const full = {
      ...inlineSpec(),
      scaling: { minReplicas: 1, maxReplicas: 1 },
      resources: { limits: { cpu: "500m" } },
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
      triggers: [{ anything: { at: "all" } }],
      eventing: { dlq: { enabled: true } },
    };
    assert.deepEqual(specMistakes(full, "spec"), []);
  });

  it("names all that is wrong at once, by its field", () => {
    const spec = {
      ...inlineSpec(),
      runtime: { language: "ruby", version: 3 },
      scaling: { minReplicas: 3, maxReplicas: 2 },
      env: [{ name: "ok" }, { nam: "x" }],
      build: { timeout: "soon", timeOut: "1m" },
    };
    assert.deepEqual(fields(spec).sort(), [
      "spec.build.timeOut",
      "spec.build.timeout",
      "spec.env[1].nam",
      "spec.env[1].name",
      "spec.runtime.language",
      "spec.runtime.version",
      "spec.scaling.minReplicas",
    ]);
    const near = specMistakes(spec, "spec").find(({ field }) => field === "spec.build.timeOut");
    assert.match(near?.message ?? "", /timeout/);
  });

  it("wants exactly the source that the type names", () => {
    const { runtime } = inlineSpec();
    const inline = { code: "" };
    const s3 = { bucket: "b", key: "k" };
    assert.deepEqual(fields({ runtime, source: { type: "s3", inline } }), [
      "spec.source.s3",
      "spec.source.inline",
    ]);
    assert.deepEqual(fields({ runtime, source: { type: "s3", s3, inline } }), ["spec.source.inline"]);
    assert.deepEqual(fields({ runtime, source: { type: "s3" } }), ["spec.source.s3"]);
    assert.deepEqual(fields({ runtime, source: { type: "ftp", s3 } }), ["spec.source.type"]);
  });

  it("holds minReplicas to the default maximum too", () => {
    assert.deepEqual(fields({ ...inlineSpec(), scaling: { minReplicas: 51 } }), ["spec.scaling.minReplicas"]);
    assert.deepEqual(fields({ ...inlineSpec(), scaling: { minReplicas: 50 } }), []);
  });

  it("takes fields of every object's prototype for unknown ones", () => {
    const spec = JSON.parse(`{"__proto__": {}, "constructor": {}, "toString": 1}`) as object;
    const unknown = fields({ ...inlineSpec(), ...spec });
    assert.deepEqual(unknown, ["spec.__proto__", "spec.constructor", "spec.toString"]);
    assert.ok(fields(spec).includes("spec.__proto__"));
  });

  it("says something about any value that is no spec, and never more than can be read", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => specMistakes(value, "spec").length > 0));
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]));
    assert.equal(specMistakes(many, "spec").length, 50);
  });
});
