import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parseSettings, readStackValues } from "../../settings";

/** A component that holds a bucket, as the platform's do. */
class Store extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;

  constructor(name: string, bucketName: string, protect: boolean) {
    super("knative-lambda:aws:Store", name, {});
    this.bucket = new aws.s3.Bucket(`${name}-bucket`, { bucket: bucketName }, { parent: this, protect });
    new aws.s3.BucketVersioning(
      `${name}-versioning`,
      {
        bucket: this.bucket.bucket,
        versioningConfiguration: { status: pulumi.interpolate`${this.bucket.arn}` },
      },
      { parent: this },
    );
    this.registerOutputs({ arn: this.bucket.arn });
  }
}

/** A program as small as can show what the preview does: it reads the settings, asks AWS, makes a component and a Deployment. */
export async function standInProgram(): Promise<Record<string, unknown>> {
  const settings = parseSettings(readStackValues());
  const { accountId } = await aws.getCallerIdentity();
  const { kanikoJobLimit, kaniko, replicas, autoscaling } = settings.builderService;
  const store = new Store("store", `knative-lambda-${settings.stack}-${accountId}`, settings.protect);
  const provider = new k8s.Provider("cluster", { kubeconfig: pulumi.secret("{}") });
  new k8s.apps.v1.Deployment(
    "builder",
    {
      metadata: { name: "builder", namespace: "system" },
      spec: {
        ...(autoscaling.enabled ? {} : { replicas }),
        selector: { matchLabels: { app: "builder" } },
        template: {
          metadata: { labels: { app: "builder" } },
          spec: {
            containers: [
              {
                name: "builder",
                image: "builder:1",
                env: [
                  { name: "KANIKO_JOB_LIMIT", value: String(kanikoJobLimit) },
                  { name: "KANIKO_MEMORY_LIMIT", value: kaniko.resources.limits.memory },
                ],
              },
            ],
          },
        },
      },
    },
    { provider, dependsOn: [store] },
  );
  return { bucket: store.bucket.bucket, arn: store.bucket.arn, kubeconfig: pulumi.secret("{}") };
}
