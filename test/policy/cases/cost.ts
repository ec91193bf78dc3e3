import type { Case } from "../support/case";

const inSettings = (key: string, to: unknown): Case["edit"] => ({
  resource: "builder-environment",
  at: `data.${key}`,
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
    says: /100 builds request 100 CPU, and limits\.cpu is 64/,
  },
  {
    policy: "job-limit-fits-queue",
    edit: {
      resource: "build-queue-queue",
      at: "spec.resourceGroups.0.flavors.0.resources.0.nominalQuota",
      to: "50",
    },
    says: /quota of pods is 50, kanikoJobLimit 100/,
  },
  {
    policy: "job-limit-fits-queue",
    when: "memory",
    edit: {
      resource: "build-queue-queue",
      at: "spec.resourceGroups.0.flavors.0.resources.2.nominalQuota",
      to: "100Gi",
    },
    says: /100 builds request 200Gi, and the quota of memory is 100Gi/,
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
