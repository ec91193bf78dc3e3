import assert from "node:assert/strict";
import { FunctionDefinition, kubectlNow } from "../support/functionDefinition";
import { cluster, describeWith } from "../support/requirements";

const DEFINITION = new FunctionDefinition("function-crd.test.example.com", "crdtest");
const STRICT = ["apply", "--server-side", "--validate=strict", "--filename", "-"];

const RUNTIME = { language: "python", version: "3.11" };
const INLINE = { type: "inline", inline: { code: "def handler(data): ..." } };

/** What the API server makes of a function, without keeping it. */
function answer(spec: object, name = "hello") {
  const { fine, stdout, stderr } = kubectlNow([...STRICT, "--dry-run=server", "--output=json"], {
    apiVersion: `${DEFINITION.group}/v1alpha1`,
    kind: "LambdaFunction",
    metadata: { name, namespace: "default" },
    spec,
  });
  return fine
    ? { spec: (JSON.parse(stdout) as { spec: Record<string, unknown> }).spec, refusal: "" }
    : { spec: undefined, refusal: stderr };
}

describeWith([cluster()], "the definition of functions on a real API server", () => {
  before(() => DEFINITION.establish());
  after(() => {
    DEFINITION.remove();
  });

  it("is structural: no condition says otherwise", () => {
    const { stdout } = kubectlNow(["get", "crd", DEFINITION.name, "--output=json"]);
    const { status } = JSON.parse(stdout) as { status: { conditions: { type: string }[] } };
    assert.deepEqual(status.conditions.map(({ type }) => type).sort(), ["Established", "NamesAccepted"]);
  });

  it("takes a function of the public operator's samples and fills in what it leaves open", () => {
    const { spec, refusal } = answer({
      source: {
        type: "minio",
        minio: { bucket: "lambda-functions", key: "hello-python/", secretRef: { name: "minio-credentials" } },
      },
      runtime: { ...RUNTIME, handler: "main.handler" },
      scaling: { minReplicas: 0, maxReplicas: 10, targetConcurrency: 5, scaleToZeroGracePeriod: "30s" },
      resources: { limits: { memory: "128Mi" } },
      env: [{ name: "LOG_LEVEL", value: "debug" }],
      build: { timeout: "15m", registry: "kind-registry:5000" },
      eventing: { enabled: true, rabbitmq: { clusterName: "rabbitmq-cluster", namespace: "knative-lambda" } },
      triggers: [{ broker: "default", filter: { type: "greeting" } }],
      observability: { tracing: { enabled: true, samplingRate: "0.5" } },
    });
    assert.equal(refusal, "");
    assert.ok(spec);
    assert.deepEqual(spec["resources"], { limits: { memory: "128Mi" } });
    assert.deepEqual(spec["build"], {
      timeout: "15m",
      registry: "kind-registry:5000",
      registryType: "local",
      insecure: false,
      forceRebuild: false,
    });
    assert.deepEqual(spec["observability"], { tracing: { enabled: true, samplingRate: "0.5" } });
    assert.match(JSON.stringify(spec["source"]), /minio\.minio\.svc\.cluster\.local:9000/);
  });

  for (const [type, source] of Object.entries({
    s3: { bucket: "b", key: "k.tar.gz" },
    gcs: { bucket: "b", key: "k.tar.gz" },
    git: { url: "https://git.example.com/a.git" },
    inline: { code: "" },
    image: { repository: "registry.example.com/a" },
  }))
    it(`takes a source of type ${type}`, () => {
      assert.equal(answer({ source: { type, [type]: source }, runtime: RUNTIME }).refusal, "");
    });

  for (const [what, spec, message, name] of [
    [
      "a source of another type than named",
      { source: { ...INLINE, type: "s3" }, runtime: RUNTIME },
      /the source that type names is missing/,
    ],
    [
      "two sources",
      { source: { ...INLINE, git: { url: "https://git.example.com/a.git" } }, runtime: RUNTIME },
      /more than one source/,
    ],
    ["no source", { source: { type: "inline" }, runtime: RUNTIME }, /the source that type names is missing/],
    [
      "minReplicas above maxReplicas",
      { source: INLINE, runtime: RUNTIME, scaling: { minReplicas: 3, maxReplicas: 2 } },
      /minReplicas is above maxReplicas/,
    ],
    [
      "minReplicas above the default of maxReplicas",
      { source: INLINE, runtime: RUNTIME, scaling: { minReplicas: 51 } },
      /minReplicas is above maxReplicas/,
    ],
    ["an unknown language", { source: INLINE, runtime: { ...RUNTIME, language: "rust" } }, /"rust"/],
    ["an unknown field", { source: INLINE, runtime: RUNTIME, replicas: 1 }, /replicas/],
    [
      "a timeout that is no duration",
      { source: INLINE, runtime: RUNTIME, build: { timeout: "soon" } },
      /spec\.build\.timeout/,
    ],
    [
      "a quantity that is none",
      { source: INLINE, runtime: RUNTIME, resources: { limits: { cpu: "lots" } } },
      /spec\.resources\.limits\.cpu/,
    ],
    [
      "a name that no Service may have",
      { source: INLINE, runtime: RUNTIME },
      /the name is no service's name/,
      "a.b",
    ],
    [
      "a name that is too long for a Service",
      { source: INLINE, runtime: RUNTIME },
      /the name is no service's name/,
      "a".repeat(64),
    ],
  ] as [string, object, RegExp, string?][])
    it(`refuses ${what}`, () => {
      const { spec: accepted, refusal } = answer(spec, name);
      assert.equal(accepted, undefined);
      assert.match(refusal, message);
    });
});
