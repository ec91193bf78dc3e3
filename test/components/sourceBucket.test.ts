import assert from "node:assert/strict";
import { SourceBucket, type SourceBucketArgs } from "../../components/sourceBucket";
import { tags } from "../../contract/labels";
import { record } from "../support/record";

const args: SourceBucketArgs = { bucketName: "sources", protect: true, tags: tags("test") };
const recorded = (changes: Partial<SourceBucketArgs> = {}) =>
  record(() => new SourceBucket("sources", { ...args, ...changes }));

describe("SourceBucket", () => {
  it("makes exactly the bucket and what guards it", async () => {
    assert.deepEqual((await recorded()).list().split("\n"), [
      "aws:s3/bucket:Bucket sources-bucket",
      "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration sources-acceleration",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration sources-lifecycle",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls sources-ownership",
      "aws:s3/bucketPolicy:BucketPolicy sources-tls-only",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock sources-public-access",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration sources-encryption",
      "aws:s3/bucketVersioning:BucketVersioning sources-versioning",
      "knative-lambda:aws:SourceBucket sources",
    ]);
  });

  it("blocks every kind of public access", async () => {
    const { inputs } = (await recorded()).one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
    assert.deepEqual(inputs, {
      bucket: "sources",
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
  });

  it("denies requests without TLS and allows nobody anything", async () => {
    const { inputs } = (await recorded()).one("aws:s3/bucketPolicy:BucketPolicy");
    const { Statement } = JSON.parse(String(inputs["policy"])) as {
      Statement: { Effect: string; Resource: string[]; Condition: unknown }[];
    };
    assert.deepEqual(
      Statement.map(({ Effect }) => Effect),
      ["Deny"],
    );
    assert.deepEqual(Statement[0]?.Resource, ["arn:aws:s3:::sources", "arn:aws:s3:::sources/*"]);
    assert.deepEqual(Statement[0].Condition, { Bool: { "aws:SecureTransport": "false" } });
  });

  it("protects the bucket and nothing else", async () => {
    const protectedNames = (await recorded()).registrations
      .filter(({ protect }) => protect)
      .map(({ name }) => name);
    assert.deepEqual(protectedNames, ["sources-bucket"]);
    assert.deepEqual(
      (await recorded({ protect: false })).registrations.filter(({ protect }) => protect),
      [],
    );
  });

  it("turns acceleration off again rather than leaving it as it was", async () => {
    const status = async (accelerate: boolean) =>
      (await recorded({ accelerate })).one(
        "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration",
      ).inputs["status"];
    assert.equal(await status(true), "Enabled");
    assert.equal(await status(false), "Suspended");
  });

  it("refuses a dotted name with acceleration before it makes anything in the bucket's place", async () => {
    await assert.rejects(
      recorded({ bucketName: "a.b" }),
      /dot in its name.*rename it or set accelerate to false/,
    );
    assert.equal(
      (await recorded({ bucketName: "a.b", accelerate: false })).one("aws:s3/bucket:Bucket").inputs["bucket"],
      "a.b",
    );
  });
});
