import assert from "node:assert/strict";
import { resolve } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { stackSettings } from "../../../tools/stackSettings";
import { placeOfBuilder, placeOfCluster } from "../../../tools/trigger/place";
import { clientOptions } from "../../../tools/trigger/upload";

const settingsOf = (stack: string) => stackSettings(resolve(__dirname, "..", "..", ".."), stack);
const environment = (data: Record<string, string>) => (): Promise<string> =>
  Promise.resolve(JSON.stringify({ kind: "ConfigMap", data }));

const dev = {
  BUCKET: "knative-lambda-dev-sources-123456789012",
  AWS_REGION: "us-west-2",
  DEFAULT_NAMESPACE: "knative-lambda",
  BUCKET_ACCELERATE_HOST: "knative-lambda-dev-sources-123456789012.s3-accelerate.amazonaws.com",
};

describe("where a stack keeps sources", () => {
  it("is told by the file of a stack on a cluster that exists", () => {
    assert.deepEqual(placeOfCluster(settingsOf("local")), {
      defaultNamespace: "knative-lambda",
      bucket: {
        name: "function-sources",
        region: "us-east-1",
        endpoint: "http://10.244.77.1:15555",
        accelerate: false,
      },
    });
  });

  it("is told on AWS by the builder's own environment", async () => {
    const asked: string[][] = [];
    const { bucket, defaultNamespace } = await placeOfBuilder(settingsOf("dev"), (...args) => {
      asked.push(args);
      return environment(dev)();
    });
    assert.deepEqual(asked, [
      [
        "get",
        "configmap",
        "knative-lambda-builder",
        "--namespace",
        "knative-lambda-system",
        "--output",
        "json",
      ],
    ]);
    assert.equal(defaultNamespace, "knative-lambda");
    assert.deepEqual(bucket, {
      name: dev.BUCKET,
      region: "us-west-2",
      endpoint: undefined,
      accelerate: true,
    });
  });

  it("refuses the cluster of another stack: a build for dev must not land in prod", async () => {
    await assert.rejects(
      placeOfBuilder(settingsOf("prod"), environment(dev)),
      /^UsageError: kubectl's context is not the cluster of prod: the builder there reads the bucket knative-lambda-dev-/,
    );
    const prod = { ...dev, BUCKET: "knative-lambda-prod-sources-123456789012" };
    await assert.rejects(placeOfBuilder(settingsOf("dev"), environment(prod)), /not the cluster of dev/);
  });

  it("goes by the name of a bucket that the stack file gives", async () => {
    const settings = settingsOf("dev");
    const named = { ...settings, sourceBucket: { ...settings.sourceBucket, name: "ours" } };
    assert.equal((await placeOfBuilder(named, environment({ ...dev, BUCKET: "ours" }))).bucket.name, "ours");
    await assert.rejects(placeOfBuilder(named, environment(dev)), /not the cluster of dev/);
  });
});

describe("an upload", () => {
  // What the SDK would take in place of what is asked for.
  const ENDPOINTS = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"];
  const outside = ENDPOINTS.map((name) => [name, process.env[name]] as const);
  before(() => {
    for (const name of ENDPOINTS) Reflect.deleteProperty(process.env, name);
  });
  after(() => {
    for (const [name, value] of outside) if (value !== undefined) process.env[name] = value;
  });

  /** Host and path to which the SDK would send an object. */
  async function target(bucket: Parameters<typeof clientOptions>[0]): Promise<string> {
    const client = new S3Client({
      ...clientOptions(bucket),
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    let seen = "";
    client.middlewareStack.add(
      () => (args) => {
        const { hostname, path, protocol } = args.request as {
          hostname: string;
          path: string;
          protocol: string;
        };
        seen = `${protocol}//${hostname}${path}`;
        return Promise.reject(new Error("seen"));
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const put = new PutObjectCommand({ Bucket: bucket.name, Key: "ns/parser-1.tar.gz", Body: "archive" });
    await assert.rejects(client.send(put), /seen/);
    return seen;
  }
  const aws = { name: "ours", region: "us-west-2", endpoint: undefined };

  it("goes through Transfer Acceleration where the stack has it, and to the region where it hasn't", async () => {
    assert.equal(
      await target({ ...aws, accelerate: true }),
      "https://ours.s3-accelerate.amazonaws.com/ns/parser-1.tar.gz",
    );
    assert.equal(
      await target({ ...aws, accelerate: false }),
      "https://ours.s3.us-west-2.amazonaws.com/ns/parser-1.tar.gz",
    );
  });

  it("goes by path to a store of one's own", async () => {
    assert.equal(
      await target({ ...aws, endpoint: "http://10.0.0.1:9000", accelerate: false }),
      "http://10.0.0.1/ours/ns/parser-1.tar.gz",
    );
  });
});
