import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { UNKNOWN } from "../../preview/recordingMonitor";
import { record } from "./record";

class Pair extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:test:Pair", name, {}, opts);
    const bucket = new aws.s3.Bucket(`${name}-bucket`, { bucket: "b" }, { parent: this, protect: true });
    new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { bucket: bucket.bucket, versioningConfiguration: { status: pulumi.interpolate`${bucket.arn}` } },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

describe("record", () => {
  it("keeps parents, protection, dependencies and unknown values", async () => {
    const recorded = await record(() => new Pair("pair"));
    const bucket = recorded.one("aws:s3/bucket:Bucket");
    assert.equal(
      bucket.urn,
      "urn:pulumi:test::knative-lambda::knative-lambda:test:Pair$aws:s3/bucket:Bucket::pair-bucket",
    );
    assert.equal(bucket.protect, true);
    const versioning = recorded.one("aws:s3/bucketVersioning:BucketVersioning");
    assert.deepEqual(versioning.dependencies, [bucket.urn]);
    assert.equal(versioning.inputs["bucket"], "b");
    assert.deepEqual(versioning.inputs["versioningConfiguration"], { status: UNKNOWN });
  });

  it("fails on a call that nothing expects", async () => {
    await assert.rejects(
      record(() => aws.getCallerIdentity()),
      /nothing expects a call of aws:index\/getCallerIdentity/,
    );
  });
});
