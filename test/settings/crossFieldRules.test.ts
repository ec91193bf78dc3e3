import assert from "node:assert/strict";
import { CLUSTER_VALUES, linesOf } from "../support/settings";

const onCluster = (changes: Record<string, unknown>) => ({ ...CLUSTER_VALUES, ...changes });
const vpc = {
  vpcId: "vpc-0123456789abcdef0",
  privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
};
const certificateArn = "arn:aws:acm:us-west-2:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab";
const domain = "functions.example.com";
const ten = Array.from({ length: 10 }, (_, index) => `parser-${index}`);
const role = "arn:aws:iam::123456789012:role/team/deployer";

/** Each rule by what breaks it, in one way, and by the nearest thing that doesn't. */
const table: {
  rule: string;
  broken: Record<string, unknown>;
  line: RegExp;
  whole: Record<string, unknown>;
}[] = [
  {
    rule: "minReplicas <= maxReplicas",
    broken: { builderService: { autoscaling: { minReplicas: 6, maxReplicas: 5 } } },
    line: /autoscaling\.minReplicas = 6: is above maxReplicas \(5\); lower it, or raise maxReplicas to 6$/,
    whole: { builderService: { autoscaling: { minReplicas: 5, maxReplicas: 5 } } },
  },
  {
    rule: "the builder's request <= its limit",
    broken: { builderService: { resources: { requests: { cpu: "3" } } } },
    line: /builderService\.resources\.requests\.cpu = "3": is above the limit of 2;/,
    whole: { builderService: { resources: { requests: { cpu: "2000m" } } } },
  },
  {
    rule: "Kaniko's request <= its limit, also of disk",
    broken: { builderService: { kaniko: { resources: { requests: { "ephemeral-storage": "30Gi" } } } } },
    line: /requests\.ephemeral-storage = "30Gi": is above the limit of 20Gi;/,
    whole: { builderService: { kaniko: { resources: { requests: { "ephemeral-storage": "20480Mi" } } } } },
  },
  {
    rule: "cache lifecycle >= cacheTTL",
    broken: { imageRepositories: { cacheExpiryDays: 3 }, builderService: { kaniko: { cacheTTL: "73h" } } },
    line: /cacheExpiryDays = 3: is below cacheTTL \(73h\).*give 4 or more$/,
    whole: { imageRepositories: { cacheExpiryDays: 3 }, builderService: { kaniko: { cacheTTL: "72h" } } },
  },
  {
    rule: "no dot in an accelerated bucket's name",
    broken: { sourceBucket: { name: "function.sources" } },
    line: /sourceBucket\.name = "function\.sources": has a dot/,
    whole: { sourceBucket: { name: "function.sources", accelerate: false } },
  },
  {
    rule: "fewer than 10 keep-alive functions",
    broken: { keepAlive: { functions: ten } },
    line: /keepAlive\.functions = .*: names 10 functions, \$50 a month and more;/,
    whole: { keepAlive: { functions: ten, allowMany: true } },
  },
  {
    rule: "an archive's limit is one that a source of its size can pass",
    broken: { sources: { maxArchive: "600Mi" } },
    line: /sources\.maxArchive = "600Mi": is above maxUnpacked \(500Mi\)/,
    whole: { sources: { maxArchive: "500Mi" } },
  },
  {
    rule: "keep-alive's minScale <= maxScale",
    broken: { keepAlive: { minScale: 3, maxScale: 2 } },
    line: /keepAlive\.minScale = 3: is above maxScale \(2\)/,
    whole: { keepAlive: { minScale: 2, maxScale: 2 } },
  },
  {
    rule: "the default namespace is one of the functions'",
    broken: { functions: { namespaces: ["parsers"] } },
    line: /functions\.defaultNamespace = "knative-lambda": is not one of functions\.namespaces \(parsers\)/,
    whole: { functions: { namespaces: ["parsers"], defaultNamespace: "parsers" } },
  },
  {
    rule: "no function in a namespace of the platform's own",
    broken: { functions: { namespaces: ["knative-lambda", "kube-system"] } },
    line: /functions\.namespaces = .*: has kube-system, which the platform itself runs in/,
    whole: { functions: { namespaces: ["knative-lambda", "kubernetes-fans"] } },
  },
  {
    rule: "no namespace whose sources would be everybody's build contexts",
    broken: { functions: { namespaces: ["knative-lambda", "contexts"] } },
    line: /functions\.namespaces = .*: has contexts, below which the platform's bucket keeps build contexts/,
    whole: { functions: { namespaces: ["knative-lambda", "context"] } },
  },
  {
    rule: "an existing VPC comes with its subnets",
    broken: { network: { vpcId: vpc.vpcId } },
    line: /network\.vpcId = .*: is an existing VPC without network\.privateSubnetIds/,
    whole: { network: vpc },
  },
  {
    rule: "no endpoints to make in an existing VPC",
    broken: { network: { ...vpc, interfaceEndpoints: true } },
    line: /network\.interfaceEndpoints = true: makes nothing in vpc-0123456789abcdef0, an existing VPC; set it to false, and have them made with the VPC/,
    whole: { network: { ...vpc, interfaceEndpoints: false } },
  },
  {
    rule: "a cache that a build's credential reaches",
    broken: { builderService: { kaniko: { cacheRepo: "ghcr.io/team/kaniko-cache" } } },
    line: /kaniko\.cacheRepo = "ghcr\.io\/team\/kaniko-cache": names ghcr\.io; a build's credential covers the stack's registry alone, so write \$\{ECR_REGISTRY\}\/team\/kaniko-cache$/,
    whole: { builderService: { kaniko: { cacheRepo: "${ECR_REGISTRY}/team/kaniko-cache" } } },
  },
  {
    rule: "Kubernetes in standard support",
    broken: { cluster: { version: "1.34" } },
    line: /cluster\.version = "1\.34": is out of standard support, \$0\.50 more an hour; give 1\.35 or newer$/,
    whole: { cluster: { version: "1.35" } },
  },
  {
    rule: "a known release of Knative",
    broken: { knative: { version: "1.19" } },
    line: /knative\.version = "1\.19": is no release that this project installs; give 1\.22 or 1\.23$/,
    whole: { knative: { version: "1.22" } },
  },
  {
    rule: "TLS at an internet-facing load balancer",
    broken: { knative: { loadBalancer: "internet-facing", domain } },
    line: /knative\.certificateArn: is missing; an internet-facing load balancer needs a certificate/,
    whole: { knative: { loadBalancer: "internet-facing", certificateArn, domain } },
  },
  {
    rule: "a certificate of the load balancer's region",
    broken: { knative: { certificateArn: certificateArn.replace("us-west-2", "us-east-1"), domain } },
    line: /knative\.certificateArn = .*: is in us-east-1; a load balancer takes a certificate of its own region, us-west-2$/,
    whole: { knative: { certificateArn, domain } },
  },
  {
    rule: "a domain behind a certificate",
    broken: { knative: { certificateArn } },
    line: /knative\.domain: is missing; .* and a certificate has no effect$/,
    whole: { knative: { certificateArn, domain } },
  },
  {
    rule: "a cluster's name that leaves room for those of roles",
    broken: { cluster: { name: "c".repeat(49) } },
    line: /cluster\.name = .*: has 49 characters; .*leaves 48$/,
    whole: { cluster: { name: "c".repeat(48) } },
  },
  {
    rule: "public subnets for an internet-facing load balancer",
    broken: { network: vpc, knative: { loadBalancer: "internet-facing", certificateArn, domain } },
    line: /knative\.loadBalancer = "internet-facing": is internet-facing in a VPC without network\.publicSubnetIds/,
    whole: {
      network: { ...vpc, publicSubnetIds: ["subnet-0123456789abcdef2"] },
      knative: { loadBalancer: "internet-facing", certificateArn, domain },
    },
  },
  {
    rule: "somebody to be told of a budget, and a budget",
    broken: { budget: { emails: ["platform@example.com"] } },
    line: /budget\.emails = .*: is who is told of a budget, and there is none; set budget\.monthlyUsd$/,
    whole: { budget: { monthlyUsd: 100, emails: ["platform@example.com"] } },
  },
  {
    rule: "nobody to be told of a bill that is somebody else's",
    broken: onCluster({ budget: { emails: ["platform@example.com"] } }),
    line: /budget\.emails = .*: has no effect with target cluster;/,
    whole: CLUSTER_VALUES,
  },
  {
    rule: "tags that are activated for a budget in AWS",
    broken: { budget: { monthlyUsd: 100, activateCostAllocationTag: true } },
    line: /budget\.activateCostAllocationTag = true: has no effect without a budget in AWS; name budget\.emails$/,
    whole: { budget: { monthlyUsd: 100 } },
  },
  {
    rule: "the creating principal is not in cluster.accessEntries",
    broken: {
      cluster: {
        creatorArn: "arn:aws:sts::123456789012:assumed-role/deployer/ci-17",
        accessEntries: [{ principalArn: role, policy: "cluster-admin" }],
      },
    },
    line: /cluster\.accessEntries = .*: names arn:aws:iam::123456789012:role\/team\/deployer, which makes the cluster \(cluster\.creatorArn\).*; remove it here$/,
    whole: {
      cluster: {
        creatorArn: "arn:aws:iam::123456789012:user/first",
        accessEntries: [{ principalArn: role, policy: "cluster-admin" }],
      },
    },
  },
  {
    rule: "no creator of a cluster that exists",
    broken: onCluster({ cluster: { creatorArn: role } }),
    line: /cluster\.creatorArn = .*: has no effect with target cluster;/,
    whole: CLUSTER_VALUES,
  },
  {
    rule: "one access entry for a principal",
    broken: {
      cluster: {
        accessEntries: [
          { principalArn: role, policy: "view" },
          { principalArn: role, policy: "edit" },
        ],
      },
    },
    line: /cluster\.accessEntries = .*: names arn:\S+ twice;/,
    whole: { cluster: { accessEntries: [{ principalArn: role, policy: "view" }] } },
  },
  {
    rule: "a registry on an existing cluster",
    broken: onCluster({ imageRepositories: {} }),
    line: /imageRepositories\.registry: is missing; target cluster needs it/,
    whole: CLUSTER_VALUES,
  },
  {
    rule: "an endpoint of the bucket on an existing cluster",
    broken: onCluster({ sourceBucket: { name: "sources" } }),
    line: /sourceBucket\.endpoint: is missing; target cluster needs it/,
    whole: CLUSTER_VALUES,
  },
  {
    rule: "no setting of another target",
    broken: { imageRepositories: { registry: "registry.example.com" } },
    line: /imageRepositories\.registry = "registry\.example\.com": has no effect with target aws;/,
    whole: {},
  },
  {
    rule: "no VPC on an existing cluster",
    broken: onCluster({ network: vpc }),
    line: /network\.vpcId = .*: has no effect with target cluster;/,
    whole: CLUSTER_VALUES,
  },
];

describe("rules between settings", () => {
  for (const { rule, broken, line, whole } of table) {
    it(`hold: ${rule}`, () => {
      const lines = linesOf(broken);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", line);
    });
    it(`accept the nearest to: ${rule}`, () => {
      assert.deepEqual(linesOf(whole), []);
    });
  }

  it("leave a cache in another registry to an existing cluster, where a namespace's Secret may have its credential", () => {
    const kaniko = { cacheRepo: "ghcr.io/team/cache" };
    assert.deepEqual(linesOf(onCluster({ builderService: { image: "ghcr.io/builder:1.0.0", kaniko } })), []);
  });

  it("say nothing of a value that is wrong by itself", () => {
    assert.deepEqual(
      linesOf({ builderService: { autoscaling: { minReplicas: 12, maxReplicas: "many" } } }).length,
      1,
    );
  });
});
