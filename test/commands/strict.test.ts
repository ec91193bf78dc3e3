import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { policies } from "../../policy/policies";
import type { Program } from "../../preview/evaluate";
import { type Asked, preview } from "../../preview/preview";
import type { Report } from "../../preview/report";
import { startPolicyPack } from "../../preview/strict/policyPack";
import { standInProgram } from "../preview/standInProgram";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

describe("npm start -- --strict", () => {
  const run = async (asked: Partial<Asked>, program?: Program, directory = PROJECT_FOLDER) => {
    const said = { out: "", err: "" };
    const code = await preview(
      { stack: "prod", json: false, strict: true, set: [], ...asked },
      {
        directory,
        out: (text) => (said.out += text),
        err: (text) => (said.err += text),
        colour: false,
      },
      program,
    );
    return { code, ...said };
  };

  it("asks every policy about the real program, and answers 0 where no mandatory one is violated", async () => {
    const { code, err, out } = await run({ json: true, set: ["quotas.spotVcpus=5"] });
    assert.deepEqual([code, err], [0, ""]);
    const { policies: found } = JSON.parse(out) as Report;
    assert.equal(found?.policies, policies.length);
    assert.deepEqual(
      found.verdicts.map(({ policy, level, severity, urn, message }) => [
        policy,
        level,
        severity,
        urn.split("::")[3],
        message,
      ]),
      [
        [
          "cluster-secrets-encrypted",
          "advisory",
          "high",
          "cluster-eks",
          "can't run policy 'cluster-secrets-encrypted' from policy pack 'knative-lambda@v0.1.0' during preview: string value at .encryptionConfigKeyArn can't be known during preview",
        ],
        [
          "ec2-quota",
          "advisory",
          "low",
          "build-nodes-pool",
          "100 builds request 100 CPU, and EC2's quota is 5 vCPU; have it raised.",
        ],
      ],
    );
  });

  it("answers 2 and says what is wrong beside the resource, and at the end, where a mandatory one is violated", async () => {
    const { code, err, out } = await run({}, standInProgram);
    assert.deepEqual([code, err], [2, ""]);
    const lines = out.split("\n");
    const bucket = lines.findIndex((line) => line.includes("store-bucket  aws:s3:Bucket"));
    const wrong = "✗ bucket-has-access-block (critical): store-bucket has no";
    assert.ok(lines.slice(bucket, bucket + 20).some((line) => line.includes(wrong)));
    assert.ok(lines.slice(lines.indexOf("Policies")).some((line) => line.includes(wrong)));
    assert.match(out, /^\d+ policies of knative-lambda 0\.1\.0: \d+ mandatory violated, 0 advisory\.$/m);
    assert.ok(lines.every((line) => line.length <= 80));
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
      const { code, err } = await run({ set: ["builderService.replicas=0"] }, undefined, directory);
      assert.equal(code, 1);
      assert.match(err, /builderService\.replicas = 0: is below 1/);
    });
  });
});
