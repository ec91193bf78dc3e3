import assert from "node:assert/strict";
import { SRE002 } from "../../preview/sre002";
import type { StackFile } from "../../preview/stackFile";
import { leaves, tuning } from "../../preview/tuning";
import { parseSettings } from "../../settings";
import { pathText } from "../../settings/schema";

const file: StackFile = {
  stack: "qa",
  config: {
    "knative-lambda:target": "aws",
    "knative-lambda:builderService": {
      kanikoJobLimit: 50,
      kaniko: { cacheTTL: "3h", resources: { requests: { cpu: "1" } } },
    },
    "knative-lambda:keepAlive": { functions: ["a"] },
  },
  secretKeys: [],
  inStackFile: { "knative-lambda:builderService": {} },
  set: ["knative-lambda:builderService.kanikoJobLimit", "knative-lambda:keepAlive.functions.0"],
};
const values = Object.fromEntries(
  Object.entries(file.config).map(([key, value]) => [key.replace("knative-lambda:", ""), value]),
);
const rows = tuning(parseSettings({ stack: "qa", region: "us-west-2", values }), file);
const row = (setting: string) => rows.find((candidate) => candidate.setting === setting);

describe("the effective tuning", () => {
  it("has one row for every setting, in the schema's order", () => {
    assert.deepEqual(
      rows.map(({ setting }) => setting),
      leaves().map(pathText),
    );
    assert.equal(rows[0]?.setting, "target");
    assert.ok(rows.length > 80);
  });

  it("says where each value comes from", () => {
    const sources = [
      "target",
      "builderService.kanikoJobLimit",
      "builderService.kaniko.cacheTTL",
      "builderService.kaniko.cache",
      "keepAlive.functions",
    ].map((setting) => [setting, row(setting)?.source]);
    assert.deepEqual(sources, [
      ["target", "Pulumi.yaml"],
      ["builderService.kanikoJobLimit", "--set"],
      ["builderService.kaniko.cacheTTL", "stack file"],
      ["builderService.kaniko.cache", "default"],
      ["keepAlive.functions", "--set"],
    ]);
  });

  it("puts SRE-002's figure beside a value, and whether the two agree", () => {
    assert.deepEqual(row("builderService.kanikoJobLimit"), {
      setting: "builderService.kanikoJobLimit",
      value: 50,
      source: "--set",
      sre002: { figure: "100", was: "50", technique: 5, agrees: false },
    });
    assert.equal(row("builderService.kaniko.resources.requests.cpu")?.sre002?.agrees, true);
    assert.equal(row("builderService.kaniko.cacheTTL")?.sre002?.agrees, false);
    assert.equal(row("buildNodes.disk")?.sre002, undefined);
  });

  it("takes an absent cache repository for SRE-002's, which is its default", () => {
    assert.deepEqual(row("builderService.kaniko.cacheRepo"), {
      setting: "builderService.kaniko.cacheRepo",
      value: null,
      source: "default",
      sre002: { figure: "${ECR_REGISTRY}/kaniko-cache", technique: 1, agrees: true },
    });
  });
});

describe("SRE-002's figures", () => {
  it("are all of settings that there are", () => {
    const known = leaves().map(pathText);
    assert.deepEqual(
      Object.keys(SRE002).filter((setting) => !known.includes(setting)),
      [],
    );
  });

  it("are the defaults", () => {
    const defaults = tuning(parseSettings({ stack: "qa", region: "us-west-2", values: {} }), {
      ...file,
      config: {},
      set: [],
    });
    assert.deepEqual(
      defaults.filter(({ sre002 }) => sre002?.agrees === false),
      [],
    );
    assert.equal(defaults.filter(({ sre002 }) => sre002 !== undefined).length, Object.keys(SRE002).length);
  });

  it("cover techniques 1, 4, 5, 6 and 7", () => {
    const techniques = new Set(Object.values(SRE002).map(({ technique }) => technique));
    assert.deepEqual([...techniques].sort(), [0, 1, 4, 5, 6, 7]);
  });
});
