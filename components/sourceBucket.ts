import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { CONTEXT_PREFIX } from "../contract/names";
import type { Tags } from "../contract/labels";

export interface SourceBucketArgs {
  /** The bucket's name, known before it exists, so that IAM policies can be read in a preview. Without dots if accelerated. */
  bucketName: string;
  /**
   * S3 Transfer Acceleration: a second endpoint, at the edge. It helps uploaders outside the region and costs $0.04 to $0.08
   * per GB that it speeds up. Takes up to 30 minutes to act after it is turned on.
   * @default true
   */
  accelerate?: boolean;
  /** Days that an overwritten or deleted source is kept. @default 30 */
  noncurrentDays?: number;
  /** Days that a build context is kept. @default 7 */
  contextDays?: number;
  /** Refuse to delete the bucket. */
  protect: boolean;
  tags: Tags;
}

/** The bucket of functions' sources and build contexts: private, encrypted, versioned, TLS only. */
export class SourceBucket extends pulumi.ComponentResource {
  readonly bucketName: string;
  readonly arn: string;
  /** Host that uploaders outside the region use; undefined without acceleration. */
  readonly accelerateEndpoint: pulumi.Output<string | undefined>;

  constructor(name: string, args: SourceBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:aws:SourceBucket", name, {}, opts);
    const { bucketName, accelerate = true, noncurrentDays = 30, contextDays = 7, protect, tags } = args;
    if (accelerate && bucketName.includes(".")) {
      throw new pulumi.ResourceError(
        `bucket ${bucketName} has a dot in its name, with which S3 has no Transfer Acceleration; rename it or set accelerate to false`,
        this,
      );
    }
    this.bucketName = bucketName;
    this.arn = `arn:aws:s3:::${bucketName}`;
    const child = { parent: this };

    const bucket = new aws.s3.Bucket(
      `${name}-bucket`,
      { bucket: bucketName, tags: { ...tags, Name: bucketName } },
      { parent: this, protect },
    );
    // Each part refers to the bucket's output, not to the name alone: that is what makes it wait for the bucket.
    const of = { bucket: bucket.bucket };

    const access = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
      child,
    );
    new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { ...of, versioningConfiguration: { status: "Enabled" } },
      child,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      child,
    );
    new aws.s3.BucketPolicy(
      `${name}-tls-only`,
      { ...of, policy: JSON.stringify(tlsOnly(this.arn)) },
      // A policy and an access block written at the same moment answer OperationAborted.
      { parent: this, dependsOn: [access] },
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        ...of,
        rules: [
          {
            id: "abort-uploads",
            status: "Enabled",
            filter: {},
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
          {
            id: "expire-overwritten",
            status: "Enabled",
            filter: {},
            noncurrentVersionExpiration: { noncurrentDays },
          },
          {
            id: "expire-contexts",
            status: "Enabled",
            filter: { prefix: CONTEXT_PREFIX },
            expiration: { days: contextDays },
          },
        ],
      },
      child,
    );
    const acceleration = new aws.s3.BucketAccelerateConfiguration(
      `${name}-acceleration`,
      { ...of, status: accelerate ? "Enabled" : "Suspended" },
      child,
    );
    this.accelerateEndpoint = acceleration.status.apply((status) =>
      status === "Enabled" ? `${bucketName}.s3-accelerate.amazonaws.com` : undefined,
    );

    this.registerOutputs({
      bucketName: this.bucketName,
      arn: this.arn,
      accelerateEndpoint: this.accelerateEndpoint,
    });
  }
}

/** Refuses every request that isn't made over TLS, whoever makes it. */
function tlsOnly(arn: string) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}
