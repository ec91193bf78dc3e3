import assert from "node:assert/strict";
import { z } from "zod";
import { functionCrdSpec } from "../../../contract/function/crd";
import { functionSpec } from "../../../contract/function/spec";
import { structuralSchema } from "../../../contract/function/structuralSchema";

interface Node {
  type?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  required?: string[];
  properties?: Record<string, Node>;
  items?: Node;
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  "x-kubernetes-int-or-string"?: boolean;
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-list-map-keys"?: string[];
  "x-kubernetes-validations"?: { rule: string; message: string }[];
}

const [version] = functionCrdSpec.versions;
assert.ok(version);
const schema = version.schema.openAPIV3Schema as Node;

/** The schema of a field: `spec.source.s3.bucket`, `spec.env[].name`. */
const at = (path: string): Node => {
  let node: Node | undefined = schema;
  for (const part of path.replaceAll("[]", ".[]").split("."))
    node = part === "[]" ? node?.items : node?.properties?.[part];
  assert.ok(node, `${path} is not in the schema`);
  return node;
};

/** Fields of the public operator's installed definition, with their defaults. */
const FIELDS: [path: string, type: string, fallback?: unknown][] = [
  ["spec.source.type", "string"],
  ["spec.source.s3.bucket", "string"],
  ["spec.source.s3.key", "string"],
  ["spec.source.s3.region", "string", "us-east-1"],
  ["spec.source.s3.secretRef.name", "string", ""],
  ["spec.source.minio.endpoint", "string", "minio.minio.svc.cluster.local:9000"],
  ["spec.source.minio.bucket", "string"],
  ["spec.source.minio.key", "string"],
  ["spec.source.minio.secretRef.name", "string", ""],
  ["spec.source.gcs.bucket", "string"],
  ["spec.source.gcs.key", "string"],
  ["spec.source.gcs.project", "string"],
  ["spec.source.gcs.secretRef.name", "string", ""],
  ["spec.source.git.url", "string"],
  ["spec.source.git.ref", "string", "main"],
  ["spec.source.git.path", "string"],
  ["spec.source.git.secretRef.name", "string", ""],
  ["spec.source.inline.code", "string"],
  ["spec.source.inline.dependencies", "string"],
  ["spec.source.image.repository", "string"],
  ["spec.source.image.tag", "string", "latest"],
  ["spec.source.image.digest", "string"],
  ["spec.source.image.port", "integer", 8080],
  ["spec.source.image.pullPolicy", "string", "IfNotPresent"],
  ["spec.source.image.command[]", "string"],
  ["spec.source.image.args[]", "string"],
  ["spec.source.image.imagePullSecrets[]", "string"],
  ["spec.runtime.language", "string"],
  ["spec.runtime.version", "string"],
  ["spec.runtime.handler", "string", "index.handler"],
  ["spec.scaling.minReplicas", "integer", 0],
  ["spec.scaling.maxReplicas", "integer", 50],
  ["spec.scaling.targetConcurrency", "integer", 10],
  // The operator's default is the platform's setting here.
  ["spec.scaling.scaleToZeroGracePeriod", "string"],
  ["spec.resources.requests.cpu", "string", "50m"],
  ["spec.resources.requests.memory", "string", "64Mi"],
  ["spec.resources.limits.cpu", "string"],
  ["spec.resources.limits.memory", "string", "64Mi"],
  ["spec.env[].name", "string"],
  ["spec.env[].value", "string"],
  ["spec.env[].valueFrom.secretKeyRef.key", "string"],
  ["spec.env[].valueFrom.secretKeyRef.optional", "boolean"],
  ["spec.env[].valueFrom.configMapKeyRef.key", "string"],
  ["spec.env[].valueFrom.fieldRef.fieldPath", "string"],
  ["spec.env[].valueFrom.resourceFieldRef.resource", "string"],
  ["spec.build.timeout", "string", "30m"],
  ["spec.build.registry", "string"],
  ["spec.build.registryType", "string", "local"],
  ["spec.build.repository", "string"],
  ["spec.build.tag", "string"],
  ["spec.build.imagePullSecret", "string"],
  ["spec.build.awsRegion", "string"],
  ["spec.build.insecure", "boolean", false],
  ["spec.build.forceRebuild", "boolean", false],
  ["status.phase", "string"],
  ["status.observedGeneration", "integer"],
  ["status.buildStatus.jobName", "string"],
  ["status.buildStatus.imageURI", "string"],
  ["status.buildStatus.startedAt", "string"],
  ["status.buildStatus.completedAt", "string"],
  ["status.buildStatus.error", "string"],
  ["status.buildStatus.attempt", "integer"],
  ["status.serviceStatus.serviceName", "string"],
  ["status.serviceStatus.url", "string"],
  ["status.serviceStatus.ready", "boolean"],
  ["status.serviceStatus.latestRevision", "string"],
  ["status.serviceStatus.replicas", "integer"],
];

describe("the definition of functions", () => {
  it("has the names that users of the public operator type", () => {
    assert.equal(functionCrdSpec.group, "lambda.knative.io");
    assert.equal(functionCrdSpec.scope, "Namespaced");
    assert.deepEqual(functionCrdSpec.names.shortNames, ["lf", "lfunc"]);
    assert.deepEqual(
      version.additionalPrinterColumns.map(({ name, jsonPath }) => [name, jsonPath]),
      [
        ["Phase", ".status.phase"],
        ["Image", ".status.buildStatus.imageURI"],
        ["URL", ".status.serviceStatus.url"],
        ["Ready", ".status.serviceStatus.ready"],
        ["Age", ".metadata.creationTimestamp"],
      ],
    );
    assert.deepEqual(version.subresources, { status: {} });
  });

  for (const [path, type, fallback] of FIELDS)
    it(`has ${path}${fallback === undefined ? " without a default" : `, ${JSON.stringify(fallback)} by default`}`, () => {
      const field = at(path);
      assert.equal(field.type, type);
      assert.deepEqual(field.default, fallback);
    });

  it("needs what the public operator needs, and no more", () => {
    assert.deepEqual(at("spec").required, ["source", "runtime"]);
    assert.deepEqual(at("spec.source").required, ["type"]);
    assert.deepEqual(at("spec.runtime").required, ["language", "version"]);
    assert.equal(schema.required?.includes("status"), false);
  });

  it("keeps what has no effect here as it is given", () => {
    for (const path of ["spec.eventing", "spec.observability", "spec.triggers[]"])
      assert.deepEqual(
        [at(path).type, at(path)["x-kubernetes-preserve-unknown-fields"], at(path).properties],
        ["object", true, undefined],
      );
  });

  it("asks in CEL what a schema can't", () => {
    const messages = (node: Node) => (node["x-kubernetes-validations"] ?? []).map(({ message }) => message);
    assert.equal(messages(schema).length, 1);
    assert.equal(messages(at("spec.source")).length, 2);
    assert.match(messages(at("spec.scaling"))[0] ?? "", /minReplicas is above maxReplicas/);
  });

  it("lets each writer of a condition own its own", () => {
    const conditions = at("status.conditions");
    assert.equal(conditions["x-kubernetes-list-type"], "map");
    assert.deepEqual(conditions["x-kubernetes-list-map-keys"], ["type"]);
  });

  it("reads a manifest of the public operator's samples with the API server's defaults", () => {
    const spec = functionSpec.parse({
      source: { type: "minio", minio: { bucket: "lambda-functions", key: "hello-python/" } },
      runtime: { language: "python", version: "3.11" },
      scaling: { maxReplicas: 10 },
      resources: { limits: { memory: "128Mi" } },
      eventing: { enabled: true, rabbitmq: { clusterName: "rabbitmq" } },
    });
    assert.equal(spec.source.minio?.endpoint, "minio.minio.svc.cluster.local:9000");
    assert.deepEqual(spec.scaling, {
      minReplicas: 0,
      maxReplicas: 10,
      targetConcurrency: 10,
    });
    assert.deepEqual(spec.resources, { limits: { memory: "128Mi" } });
    assert.deepEqual(spec.eventing, { enabled: true, rabbitmq: { clusterName: "rabbitmq" } });
  });
});

describe("structuralSchema", () => {
  it("keeps defaults optional", () => {
    assert.deepEqual(structuralSchema(z.object({ a: z.string().default("x"), b: z.int32().min(1) })), {
      type: "object",
      properties: {
        a: { type: "string", default: "x" },
        b: { type: "integer", minimum: 1, maximum: 2_147_483_647 },
      },
      required: ["b"],
    });
  });

  for (const [what, type] of [
    ["a union", z.object({ a: z.union([z.string(), z.boolean()]) })],
    ["a map", z.object({ a: z.record(z.string(), z.string()) })],
    ["a strict object", z.object({ a: z.strictObject({}) })],
    ["a tuple", z.object({ a: z.tuple([z.string()]) })],
    ["anything", z.object({ a: z.unknown() })],
  ] as const)
    it(`refuses ${what} rather than leave a check out`, () => {
      assert.throws(() => structuralSchema(type), /^Error: \.a(\[\])? has /);
    });
});
