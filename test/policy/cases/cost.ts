import type { Case } from "../support/case";

const inSettings = (key: string, to: unknown): Case["edit"] => ({
  resource: "builder-environment",
  at: `data.${key}`,
  to,
});

/** The quota of pods (0), CPU (1) or memory (2). */
const inQueue = (resource: number, to: string): Case["edit"] => ({
  resource: "build-queue-queue",
  at: `spec.resourceGroups.0.flavors.0.resources.${resource}.nominalQuota`,
  to,
});

export const cost: readonly Case[] = [
  {
    policy: "kaniko-resources",
    when: "too little memory",
    edit: inSettings("KANIKO_REQUESTS_MEMORY", "128Mi"),
    says: /KANIKO_REQUESTS_MEMORY 128Mi is below 512Mi/,
  },
  {
    policy: "kaniko-resources",
    when: "too much CPU",
    edit: inSettings("KANIKO_LIMITS_CPU", "32"),
    says: /KANIKO_LIMITS_CPU 32 is above 8/,
  },
  {
    policy: "kaniko-resources",
    when: "a request above its limit",
    edit: inSettings("KANIKO_REQUESTS_CPU", "3"),
    says: /KANIKO_REQUESTS_CPU 3 is above the limit of 2/,
  },
  {
    policy: "kaniko-resources",
    when: "a bound of one's own",
    config: { mostMemory: "8Gi" },
    edit: inSettings("KANIKO_LIMITS_MEMORY", "12Gi"),
    says: /KANIKO_LIMITS_MEMORY 12Gi is above 8Gi/,
  },
  {
    policy: "job-limit-fits-node-pool",
    edit: { resource: "build-nodes-pool", at: "spec.limits.cpu", to: "64" },
    says: /the quota of cpu is 100, and limits\.cpu of build-nodes-pool is 64/,
  },
  {
    policy: "job-limit-fits-node-pool",
    when: "memory, by the queue",
    edit: inQueue(2, "500Gi"),
    says: /the quota of memory is 500Gi, and limits\.memory of build-nodes-pool is 480Gi/,
  },
  {
    policy: "job-limit-fits-queue",
    edit: inQueue(0, "50"),
    says: /quota of pods is 50, kanikoJobLimit 100/,
  },
  {
    policy: "job-limit-fits-queue",
    when: "memory",
    edit: inQueue(2, "100Gi"),
    says: /100 builds request 200Gi, and the quota of memory is 100Gi; raise it, up to the 480Gi of build-nodes-pool/,
  },
  {
    policy: "job-limit-fits-queue",
    when: "no build at all",
    edit: inQueue(1, "500m"),
    says: /one build requests 1 CPU, and the quota of cpu is 500m, so that none is ever admitted/,
  },
  {
    policy: "job-limit-reached",
    edit: inQueue(1, "68"),
    says: /at most 68 of 100 builds run at once, by the quota of cpu, 68; the others wait/,
  },
  {
    policy: "job-limit-reached",
    when: "by larger builds",
    edit: inSettings("KANIKO_REQUESTS_MEMORY", "3Gi"),
    says: /at most 66 of 100 builds run at once, by the quota of memory, 200Gi/,
  },
  {
    policy: "ec2-quota",
    edit: {
      resource: "build-nodes-pool",
      at: ["metadata", "annotations", "knative-lambda.io/ec2-vcpu-quota"],
      to: "5",
    },
    says: /100 builds request 100 CPU, and EC2's quota is 5 vCPU/,
  },
  {
    policy: "cache-outlives-ttl",
    edit: {
      resource: "images-cache-knative-lambda-lifecycle",
      at: "policy",
      to: (policy: unknown) => (policy as string).replace('"countNumber":4', '"countNumber":2'),
    },
    says: /layers expire after 2 days, before cacheTTL 72h/,
  },
  {
    policy: "cache-repositories-mutable",
    edit: { resource: "images-cache-knative-lambda", at: "imageTagMutability", to: "IMMUTABLE" },
    says: /imageTagMutability is IMMUTABLE; make it MUTABLE/,
  },
  {
    policy: "cache-repositories-mutable",
    when: "a template's",
    edit: { resource: "images-cache-template", at: "imageTagMutability", to: "IMMUTABLE" },
    says: /imageTagMutability is IMMUTABLE; make it MUTABLE/,
  },
  {
    policy: "repository-has-lifecycle",
    edit: { resource: "images-builder-lifecycle" },
    says: /images-builder has no lifecycle rule/,
  },
  {
    policy: "repository-has-lifecycle",
    when: "a template's",
    edit: { resource: "images-cache-template", at: "lifecyclePolicy", to: undefined },
    says: /images-cache-template has no lifecycle rule/,
  },
  {
    policy: "keep-alive-few",
    edit: inSettings("KEEP_ALIVE_FUNCTIONS", "a,b,c,d,e,f,g,h,i,j"),
    says: /KEEP_ALIVE_FUNCTIONS names 10, more than 9/,
  },
  {
    policy: "acceleration-where-named",
    edit: { resource: "sources-acceleration", at: "bucket", to: "sources.example" },
    says: /bucket sources\.example has a dot/,
  },
  {
    policy: "acceleration-where-named",
    when: "elsewhere",
    config: { components: ["knative-lambda:aws:Uploads"] },
    edit: { resource: "sources-acceleration", at: "status", to: "Enabled" },
    says: /status is Enabled outside knative-lambda:aws:Uploads/,
  },
  {
    policy: "kaniko-image-maintained",
    edit: inSettings("KANIKO_IMAGE", "gcr.io/kaniko-project/executor:v1.24.0"),
    says: /KANIKO_IMAGE gcr\.io\/kaniko-project\/executor:v1\.24\.0 is of gcr\.io\/kaniko-project\//,
  },
  {
    policy: "kaniko-cache-on",
    edit: inSettings("KANIKO_CACHE", "false"),
    says: /KANIKO_CACHE is false; turn it on/,
  },
  {
    policy: "node-pool-limits",
    edit: { resource: "serving-nodes-pool", at: "spec.limits.memory", to: undefined },
    says: /limits\.memory is missing/,
  },
  {
    policy: "log-retention",
    edit: { resource: "cluster-logs", at: "retentionInDays", to: undefined },
    says: /retentionInDays is not set, so that logs are kept for ever/,
  },
  {
    policy: "log-retention",
    when: "for years",
    edit: { resource: "cluster-logs", at: "retentionInDays", to: 3653 },
    says: /retentionInDays 3653 is above 400/,
  },
  {
    policy: "cluster-standard-support",
    edit: { resource: "cluster-eks", at: "upgradePolicy.supportType", to: "EXTENDED" },
    says: /upgradePolicy\.supportType is EXTENDED; make it STANDARD/,
  },
  {
    policy: "required-tags",
    edit: { resource: "network-vpc", at: "tags.Environment", to: undefined },
    says: /tags\.Environment is missing/,
  },
  {
    policy: "required-tags",
    when: "of repositories that ECR makes",
    edit: { resource: "images-functions-template", at: "resourceTags.Project", to: undefined },
    says: /resourceTags\.Project is missing/,
  },
];
