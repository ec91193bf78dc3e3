import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { policies } from "../../policy/policies";
import { preview } from "../../preview/preview";
import type { Report } from "../../preview/report";
import { startPolicyPack } from "../../preview/strict/policyPack";
import { standInProgram } from "./standInProgram";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

describe("npm start -- --strict", () => {
  const run = async (json: boolean, sets: readonly string[], directory = PROJECT_FOLDER) => {
    const said = { out: "", err: "" };
    const asked = { stack: "prod", json, strict: true, set: [...sets] };
    const code = await preview(
      asked,
      {
        directory,
        out: (text) => (said.out += text),
        err: (text) => (said.err += text),
        colour: false,
      },
      directory === PROJECT_FOLDER ? undefined : standInProgram,
    );
    return { code, ...said };
  };

  it("asks every policy, answers 0 where none is violated, and says what a preview can't know", async () => {
    const { code, err, out } = await run(false, []);
    assert.deepEqual([code, err], [0, ""]);
    assert.ok(
      out.includes(`${policies.length} policies of knative-lambda 0.1.0: 0 mandatory violated, 1 advisory.`),
    );
    // Beside the resource, in the tree, and once more at the end.
    const verdict = /! cluster-secrets-encrypted \(high\): can't run policy/g;
    assert.equal([...out.matchAll(verdict)].length, 2);
    assert.ok(out.split("\n").every((line) => line.length <= 80));
  });

  it("answers 2 and names policy, resource and remedy where a mandatory one is violated", async () => {
    const { code, out } = await run(true, ["builderService.kaniko.cache=false", "quotas.spotVcpus=5"]);
    assert.equal(code, 2);
    const { policies: found } = JSON.parse(out) as Report;
    const told = found?.verdicts.map(({ policy, level, urn, message }) => [
      policy,
      level,
      urn.split("::")[3],
      message,
    ]);
    assert.deepEqual(
      told?.filter(([policy]) => policy !== "cluster-secrets-encrypted"),
      [
        ["kaniko-cache-on", "mandatory", "builder-environment", "KANIKO_CACHE is false; turn it on."],
        [
          "ec2-quota",
          "advisory",
          "build-nodes-pool",
          "100 builds request 100 CPU, and EC2's quota is 5 vCPU; have it raised.",
        ],
      ],
    );
  });

  describe("in another folder", () => {
    let directory: string;
    before(() => {
      directory = mkdtempSync(join(tmpdir(), "strict-"));
      writeFileSync(join(directory, "Pulumi.yaml"), "name: knative-lambda\n");
      writeFileSync(join(directory, "Pulumi.prod.yaml"), "config: { aws:region: us-west-2 }\n");
      mkdirSync(join(directory, "policy"));
      writeFileSync(join(directory, "policy", "package.json"), '{ "version": "1.0.0", "main": "main.cjs" }');
    });
    after(() => {
      rmSync(directory, { recursive: true });
    });

    it("fails with the pack's own words where it can't be started", async () => {
      writeFileSync(join(directory, "policy", "main.cjs"), 'console.error("no such rule"); process.exit(3);');
      await assert.rejects(
        startPolicyPack(directory),
        /the policy pack in .*policy ended with 3:\nno such rule/,
      );
    });

    it("tells a mistake in the settings first", async () => {
      const { code, err } = await run(false, ["builderService.replicas=0"]);
      assert.equal(code, 1);
      assert.match(err, /builderService\.replicas = 0: is below 1/);
    });
  });
});
