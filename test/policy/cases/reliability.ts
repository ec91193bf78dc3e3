import type { Case } from "../support/case";
import { eksCluster } from "../support/eksCluster";

const POD = "spec.template.spec";
const CONTAINER = `${POD}.containers.0`;

const expiringAll = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 90 },
      action: { type: "expire" },
    },
  ],
});

/** A policy of two rules: one that never acts on images with tags of these patterns, and one that expires all others. */
const keeping = (...tagPatternList: string[]): string =>
  JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        selection: {
          tagStatus: "tagged",
          tagPatternList,
          countType: "imageCountMoreThan",
          countNumber: 10_000_000,
        },
        action: { type: "expire" },
      },
      { ...(JSON.parse(expiringAll) as { rules: object[] }).rules[0], rulePriority: 2 },
    ],
  });

/** A policy whose first rule expires images that have tags of two patterns. */
const expiringBoth = (policy: unknown): string => {
  const { rules } = JSON.parse(policy as string) as { rules: object[] };
  const first = {
    rulePriority: 0,
    selection: {
      tagStatus: "tagged",
      tagPatternList: ["live-*", "old-*"],
      countType: "sinceImagePushed",
      countUnit: "days",
      countNumber: 90,
    },
    action: { type: "expire" },
  };
  return JSON.stringify({ rules: [first, ...rules] });
};

export const reliability: readonly Case[] = [
  {
    policy: "autoscaler-owns-replicas",
    edit: { resource: "builder-deployment", at: "spec.replicas", to: 3 },
    says: /spec\.replicas is 3 under an autoscaler; leave it out/,
  },
  {
    policy: "autoscaler-bounds",
    edit: { resource: "builder-autoscaler", at: "spec.minReplicas", to: 11 },
    says: /minReplicas 11 is above maxReplicas 10/,
  },
  {
    policy: "autoscaler-has-requests",
    edit: { resource: "builder-deployment", at: `${CONTAINER}.resources.requests.cpu`, to: undefined },
    says: /container builder has no request of cpu, by which it is scaled/,
  },
  {
    policy: "container-resources",
    edit: { resource: "builder-deployment", at: `${CONTAINER}.resources.limits.memory`, to: undefined },
    says: /container builder: resources\.limits\.memory is missing/,
  },
  {
    policy: "deployment-has-disruption-budget",
    edit: { resource: "builder-disruption-budget" },
    says: /builder-deployment has no PodDisruptionBudget/,
  },
  {
    policy: "disruption-budget-permits-drain",
    edit: { resource: "builder-disruption-budget", at: "spec.maxUnavailable", to: 0 },
    says: /maxUnavailable is 0, which lets no pod of builder-deployment go/,
  },
  {
    policy: "disruption-budget-permits-drain",
    when: "minAvailable at the autoscaler's minimum",
    edit: {
      resource: "builder-disruption-budget",
      at: "spec",
      to: (spec: unknown) => ({ selector: (spec as { selector: object }).selector, minAvailable: 2 }),
    },
    says: /minAvailable is 2 of 2, which lets no pod/,
  },
  {
    policy: "topology-spread",
    edit: {
      resource: "builder-deployment",
      at: `${POD}.topologySpreadConstraints.0.topologyKey`,
      to: "kubernetes.io/hostname",
    },
    says: /builder-deployment has no topologySpreadConstraint over topology\.kubernetes\.io\/zone/,
  },
  {
    policy: "container-probes",
    edit: { resource: "builder-deployment", at: `${CONTAINER}.readinessProbe`, to: undefined },
    says: /container builder: readinessProbe is missing/,
  },
  {
    policy: "container-probes",
    when: "liveness",
    edit: { resource: "builder-deployment", at: `${CONTAINER}.livenessProbe`, to: undefined },
    says: /container builder: livenessProbe is missing/,
  },
  ...[
    "cluster-eks",
    "sources-bucket",
    "aws:kms/key:Key cluster-secrets",
    "images-functions-knative-lambda",
    "builder-functions",
    "builds-namespace",
  ].map((resource): Case => ({
    policy: "stateful-protected",
    when: resource,
    edit: { resource, protect: false },
    says: /protect is not set in prod/,
  })),
  ...[
    [
      "addons-metrics-server",
      "HorizontalPodAutoscaler can't work without metrics-server, which is not installed",
    ],
    ["build-queue-kueue", "ClusterQueue can't work without kueue, which is not installed"],
    ["knative-operator", "LambdaFunction can't work without knative-operator, which is not installed"],
    [
      "monitoring-stack",
      "ServiceMonitor, PodMonitor, PrometheusRule can't work without kube-prometheus-stack, which is not installed",
    ],
  ].map(([resource = "", message = ""]): Case => ({
    policy: "cluster-has-charts",
    when: resource,
    edit: { resource },
    says: new RegExp(message),
  })),
  {
    policy: "cluster-has-charts",
    when: "another chart of that name's resource",
    edit: { resource: "knative-operator", at: "chart", to: "another" },
    says: /LambdaFunction can't work without knative-operator/,
  },
  {
    policy: "cluster-version-supported",
    edit: { resource: "cluster-eks", at: "version", to: "1.34" },
    says: /version 1\.34 is out of standard support; raise it to 1\.35 or newer/,
  },
  {
    policy: "cluster-version-supported",
    when: "EKS would choose",
    edit: { resource: "cluster-eks", at: "version", to: undefined },
    says: /version is not set, so that EKS chooses one/,
  },
  {
    policy: "cluster-version-supported",
    when: "as EKS's own resource has it",
    beside: [eksCluster],
    edit: { resource: "cluster-made", at: "version", to: "1.33" },
    says: /version 1\.33 is out of standard support/,
  },
  {
    policy: "knative-kubernetes-version",
    edit: { resource: "cluster-eks", at: "version", to: "1.33" },
    says: /Knative 1\.23 needs Kubernetes 1\.34, and the cluster has 1\.33/,
  },
  {
    policy: "knative-kubernetes-version",
    when: "a release that nobody looked up",
    edit: { resource: "knative-serving", at: "spec.version", to: "1.40.0" },
    says: /spec\.version 1\.40\.0 is of no release that settings\/kubernetesVersion\.ts knows/,
  },
  {
    policy: "production-replicated",
    edit: { resource: "builder-autoscaler", at: "spec.minReplicas", to: 1 },
    says: /as few as 1 replica in prod; have at least 2/,
  },
  {
    policy: "production-replicated",
    when: "Knative",
    edit: { resource: "knative-serving", at: "spec.high-availability.replicas", to: 1 },
    says: /as few as 1 replica in prod; have at least 2/,
  },
  {
    policy: "provider-cluster-identifier",
    edit: { resource: "pulumi:providers:kubernetes cluster", at: "clusterIdentifier", to: undefined },
    says: /clusterIdentifier is not set/,
  },
  {
    policy: "lifecycle-keeps-running-images",
    edit: { resource: "images-functions-knative-lambda-lifecycle", at: "policy", to: expiringAll },
    says: /rule 1 can expire an image tagged as live-function that runs; keep live-\* by an earlier rule/,
  },
  {
    policy: "lifecycle-keeps-running-images",
    when: "what is kept must have a second tag too",
    edit: {
      resource: "images-functions-knative-lambda-lifecycle",
      at: "policy",
      to: keeping("live-*", "keep-*"),
    },
    says: /rule 2 can expire an image tagged as live-function that runs/,
  },
  {
    policy: "lifecycle-keeps-running-images",
    when: "what goes first has a second tag too",
    edit: { resource: "images-functions-knative-lambda-lifecycle", at: "policy", to: expiringBoth },
    says: /rule 0 can expire an image tagged as live-function that runs/,
  },
  {
    policy: "lifecycle-keeps-running-images",
    when: "a template's",
    edit: { resource: "images-functions-template", at: "lifecyclePolicy", to: expiringAll },
    says: /rule 1 can expire an image tagged as live-function that runs/,
  },
  {
    policy: "lifecycle-keeps-running-images",
    when: "the builder's",
    edit: { resource: "images-builder-lifecycle", at: "policy", to: expiringAll },
    says: /rule 1 can expire an image tagged as 1\.2\.3 that runs; keep releases out of it/,
  },
];
