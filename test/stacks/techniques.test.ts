import assert from "node:assert/strict";
import { resolve } from "node:path";
import { type Evaluation, evaluate } from "../../preview/evaluate";
import type { Registration } from "../../preview/recordingMonitor";
import { readStackFile } from "../../preview/stackFile";

const FOLDER = resolve(__dirname, "..", "..");
const prod = (...sets: string[]): Promise<Evaluation> => evaluate(readStackFile(FOLDER, "prod", sets));

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
}

/** What an SRE-002 technique sets: the resource that acts on it, where in it, what prod has there, and what another setting makes of it. */
interface Row {
  technique: string;
  resource: string;
  value: (inputs: Record<string, unknown>) => unknown;
  prod: unknown;
  set: string;
  then: unknown;
  /** Tried by itself, as it changes what another row looks at. */
  alone?: true;
}

const BUILDER = "builderService";
const environment = (name: string) => (inputs: Record<string, unknown>) => at(inputs, ["data", name]);
const quota = (name: string) => (inputs: Record<string, unknown>) =>
  (
    at(inputs, ["spec", "resourceGroups", 0, "flavors", 0, "resources"]) as {
      name: string;
      nominalQuota: string;
    }[]
  ).find((resource) => resource.name === name)?.nominalQuota;
const cacheDays = (inputs: Record<string, unknown>) =>
  at(JSON.parse(String(inputs["policy"])), ["rules", 0, "selection", "countNumber"]);

const rows: Row[] = [
  {
    technique: "1: cache",
    resource: "builder-environment",
    value: environment("KANIKO_CACHE"),
    prod: "true",
    set: `${BUILDER}.kaniko.cache=false`,
    then: "false",
  },
  {
    technique: "1: cacheRepo",
    resource: "builder-environment",
    value: environment("KANIKO_CACHE_REPO"),
    prod: "123456789012.dkr.ecr.us-west-2.amazonaws.com/kaniko-cache",
    set: `${BUILDER}.kaniko.cacheRepo=\${ECR_REGISTRY}/team/cache`,
    then: "123456789012.dkr.ecr.us-west-2.amazonaws.com/team/cache",
  },
  {
    technique: "1: cacheTTL, to Kaniko",
    resource: "builder-environment",
    value: environment("KANIKO_CACHE_TTL"),
    prod: "72h",
    set: `${BUILDER}.kaniko.cacheTTL=168h`,
    then: "168h",
  },
  {
    technique: "1: cacheTTL, to ECR",
    resource: "images-cache-knative-lambda-lifecycle",
    value: cacheDays,
    prod: 4,
    set: `${BUILDER}.kaniko.cacheTTL=168h`,
    then: 8,
  },
  {
    technique: "4: request of CPU, to a build",
    resource: "builder-environment",
    value: environment("KANIKO_REQUESTS_CPU"),
    prod: "1",
    set: `${BUILDER}.kaniko.resources.requests.cpu=500m`,
    then: "500m",
  },
  {
    technique: "4: request of CPU, to the queue",
    resource: "build-queue-queue",
    value: quota("cpu"),
    prod: "100",
    set: `${BUILDER}.kaniko.resources.requests.cpu=500m`,
    then: "50",
  },
  {
    technique: "4: request of memory, to a build",
    resource: "builder-environment",
    value: environment("KANIKO_REQUESTS_MEMORY"),
    prod: "2Gi",
    set: `${BUILDER}.kaniko.resources.requests.memory=1Gi`,
    then: "1Gi",
  },
  {
    technique: "4: request of memory, to the queue",
    resource: "build-queue-queue",
    value: quota("memory"),
    prod: "200Gi",
    set: `${BUILDER}.kaniko.resources.requests.memory=1Gi`,
    then: "100Gi",
  },
  {
    technique: "4: limit of CPU",
    resource: "builder-environment",
    value: environment("KANIKO_LIMITS_CPU"),
    prod: "2",
    set: `${BUILDER}.kaniko.resources.limits.cpu=4`,
    then: "4",
  },
  {
    technique: "4: limit of memory",
    resource: "builder-environment",
    value: environment("KANIKO_LIMITS_MEMORY"),
    prod: "4Gi",
    set: `${BUILDER}.kaniko.resources.limits.memory=6Gi`,
    then: "6Gi",
  },
  {
    technique: "5: kanikoJobLimit",
    resource: "build-queue-queue",
    value: quota("pods"),
    prod: "100",
    set: `${BUILDER}.kanikoJobLimit=60`,
    then: "60",
    alone: true,
  },
  {
    technique: "5: replicas, without an HPA",
    resource: "builder-deployment",
    value: (inputs) => at(inputs, ["spec", "replicas"]),
    prod: undefined,
    set: `${BUILDER}.autoscaling.enabled=false`,
    then: 3,
    alone: true,
  },
  {
    technique: "5: minReplicas",
    resource: "builder-autoscaler",
    value: (inputs) => at(inputs, ["spec", "minReplicas"]),
    prod: 2,
    set: `${BUILDER}.autoscaling.minReplicas=4`,
    then: 4,
  },
  {
    technique: "5: maxReplicas",
    resource: "builder-autoscaler",
    value: (inputs) => at(inputs, ["spec", "maxReplicas"]),
    prod: 10,
    set: `${BUILDER}.autoscaling.maxReplicas=12`,
    then: 12,
  },
  {
    technique: "5: targetCPU",
    resource: "builder-autoscaler",
    value: (inputs) => at(inputs, ["spec", "metrics", 0, "resource", "target", "averageUtilization"]),
    prod: 70,
    set: `${BUILDER}.autoscaling.targetCPU=55`,
    then: 55,
  },
  {
    technique: "6: min-scale",
    resource: "builder-environment",
    value: environment("KEEP_ALIVE_MIN_SCALE"),
    prod: "1",
    set: "keepAlive.minScale=2",
    then: "2",
  },
  {
    technique: "6: max-scale",
    resource: "builder-environment",
    value: environment("KEEP_ALIVE_MAX_SCALE"),
    prod: "10",
    set: "keepAlive.maxScale=20",
    then: "20",
  },
  {
    technique: "6: target",
    resource: "builder-environment",
    value: environment("KEEP_ALIVE_TARGET"),
    prod: "10",
    set: "keepAlive.target=50",
    then: "50",
  },
  {
    technique: "6: which functions",
    resource: "builder-environment",
    value: environment("KEEP_ALIVE_FUNCTIONS"),
    prod: "",
    set: "keepAlive.functions=[parser-1]",
    then: "knative-lambda/parser-1",
  },
  {
    technique: "7: acceleration of the bucket",
    resource: "sources-acceleration",
    value: (inputs) => inputs["status"],
    prod: "Enabled",
    set: "sourceBucket.accelerate=false",
    then: "Suspended",
  },
];

describe("SRE-002's techniques in prod", () => {
  const only = ({ registrations }: Evaluation, name: string): Registration => {
    const [found, ...more] = registrations.filter(
      (registration) => registration.name === name && registration.custom,
    );
    assert.ok(
      found !== undefined && more.length === 0,
      `${more.length + (found ? 1 : 0)} resources named ${name}`,
    );
    return found;
  };
  let asIs: Evaluation;
  let changed: Evaluation;
  before(async () => {
    asIs = await prod();
    changed = await prod(...rows.filter(({ alone }) => alone !== true).map(({ set }) => set));
  });

  for (const { technique, resource, value, prod: specified, set, then, alone } of rows) {
    it(`${technique} is in ${resource} as specified, and follows its setting`, async () => {
      assert.deepEqual(value(only(asIs, resource).inputs), specified);
      assert.deepEqual(value(only(alone === true ? await prod(set) : changed, resource).inputs), then);
    });
  }

  it("5: has no replicas under the HPA, whatever `replicas` says", async () => {
    const { inputs } = only(await prod(`${BUILDER}.replicas=7`), "builder-deployment");
    assert.equal("replicas" in (inputs["spec"] as object), false);
  });
});

describe("every stack", () => {
  for (const [stack, facts] of Object.entries({
    prod: {
      protectedTypes: [
        "aws:ecr/repository:Repository",
        "aws:kms/key:Key",
        "aws:s3/bucket:Bucket",
        "eks:index:Cluster",
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "kubernetes:core/v1:Namespace",
      ],
      region: "us-west-2",
    },
    staging: { protectedTypes: [], region: "us-west-2" },
    dev: { protectedTypes: [], region: "us-west-2" },
    local: { protectedTypes: [], region: undefined },
  })) {
    it(`${stack} protects exactly what holds state where it says so, opens nothing to the world, and names no wildcard right`, async () => {
      const { registrations, settings } = await evaluate(readStackFile(FOLDER, stack));
      assert.equal(settings.region, facts.region);
      const protectedTypes = registrations.filter(({ protect }) => protect).map(({ type }) => type);
      assert.deepEqual([...new Set(protectedTypes)].sort(), facts.protectedTypes);
      for (const { type, name, inputs } of registrations) {
        if (type === "eks:index:Cluster") assert.equal(inputs["endpointPublicAccess"], false, name);
        if (type === "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
          assert.deepEqual([inputs["blockPublicAcls"], inputs["blockPublicPolicy"]], [true, true]);
        if (type.startsWith("aws:iam/") && typeof inputs["policy"] === "string") {
          for (const { Sid, Action, Resource } of (
            JSON.parse(inputs["policy"]) as {
              Statement: { Sid: string; Action: string[]; Resource: string[] }[];
            }
          ).Statement) {
            assert.ok(!Action.some((action) => action === "*" || action.endsWith(":*")), `${name} ${Sid}`);
            if (Resource.includes("*"))
              assert.deepEqual(Action, ["ecr:GetAuthorizationToken"], `${name} ${Sid}`);
          }
        }
        if (type === "kubernetes:core/v1:Service")
          assert.notEqual(at(inputs, ["spec", "type"]), "LoadBalancer", name);
      }
    });
  }
});
