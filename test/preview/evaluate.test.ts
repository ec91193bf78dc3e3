import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { evaluate } from "../../preview/evaluate";
import { UNKNOWN } from "../../preview/recordingMonitor";
import type { StackFile } from "../../preview/stackFile";
import { SettingsError } from "../../settings";
import { standInProgram } from "./standInProgram";

const file = (config: Record<string, unknown> = {}, stack = "qa"): StackFile => ({
  stack,
  config: { "aws:region": "us-west-2", ...config },
  secretKeys: [],
  inStackFile: {},
  set: [],
});

describe("an evaluation", () => {
  it("registers what the program makes, below the stack, as the engine would", async () => {
    const { registrations } = await evaluate(file(), standInProgram);
    const stack = "urn:pulumi:qa::knative-lambda::pulumi:pulumi:Stack::knative-lambda-qa";
    const store = "urn:pulumi:qa::knative-lambda::knative-lambda:aws:Store::store";
    assert.deepEqual(
      registrations.map(({ type, name, parent }) => [type, name, parent]),
      [
        ["pulumi:pulumi:Stack", "knative-lambda-qa", ""],
        ["knative-lambda:aws:Store", "store", stack],
        ["aws:s3/bucket:Bucket", "store-bucket", store],
        ["aws:s3/bucketVersioning:BucketVersioning", "store-versioning", store],
        ["pulumi:providers:kubernetes", "cluster", stack],
        ["kubernetes:apps/v1:Deployment", "builder", stack],
      ],
    );
  });

  it("answers the stack's outputs, the unknown and the secret ones as such", async () => {
    const { outputs } = await evaluate(file(), standInProgram);
    assert.deepEqual(outputs, {
      bucket: "knative-lambda-qa-123456789012",
      arn: UNKNOWN,
      kubeconfig: "[secret]",
    });
  });

  it("hands the configuration over as the engine does: texts as they are, all else as JSON", async () => {
    let seen: Record<string, string> = {};
    await evaluate(
      file({
        "knative-lambda:protect": false,
        "knative-lambda:network": { zones: 2 },
        "x:text": "72h",
        "x:number": 5,
      }),
      () => {
        seen = pulumi.runtime.allConfig();
        return Promise.resolve({});
      },
    );
    assert.deepEqual(seen, {
      "aws:region": "us-west-2",
      "knative-lambda:protect": "false",
      "knative-lambda:network": '{"zones":2}',
      "x:text": "72h",
      "x:number": "5",
    });
  });

  it("may follow another, of another stack, in one process", async () => {
    const limit = { "knative-lambda:builderService": { kanikoJobLimit: 7 } };
    const first = await evaluate(file(limit), standInProgram);
    const second = await evaluate(file({}, "other"), standInProgram);
    const again = await evaluate(file(limit), standInProgram);
    assert.equal(first.settings.builderService.kanikoJobLimit, 7);
    assert.equal(second.settings.builderService.kanikoJobLimit, 100);
    assert.equal(second.settings.stack, "other");
    assert.deepEqual(again.registrations, first.registrations);
  });

  it("passes on the settings' mistakes", async () => {
    await assert.rejects(
      evaluate(file({ "knative-lambda:builderService": { replicas: 0 } }), standInProgram),
      (error) =>
        error instanceof SettingsError && /builderService\.replicas = 0: is below 1/.test(error.message),
    );
  });

  it("throws what the program throws", async () => {
    await assert.rejects(
      evaluate(file(), () => {
        throw new pulumi.RunError("no");
      }),
      { message: "no" },
    );
  });

  it("fails on a call to AWS that it has no stand-in for, and says which", async () => {
    await assert.rejects(
      evaluate(file(), async () => ({ id: (await aws.ec2.getVpc({ default: true })).id })),
      /no answer for the call of aws:ec2\/getVpc:getVpc/,
    );
  });

  it("answers for account, zones and partition as AWS's documentation would", async () => {
    let answers: unknown;
    await evaluate(file(), async () => {
      const [caller, zones, partition] = await Promise.all([
        aws.getCallerIdentity(),
        aws.getAvailabilityZones(),
        aws.getPartition(),
      ]);
      answers = [caller.accountId, zones.names, partition.partition];
      return {};
    });
    assert.deepEqual(answers, ["123456789012", ["us-west-2a", "us-west-2b", "us-west-2c"], "aws"]);
  });
});
