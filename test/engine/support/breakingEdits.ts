/** A change of a component's source, as somebody might make it, and what the policies say of it. */
export interface SourceEdit {
  file: string;
  /** Stands in the file exactly once. */
  from: string;
  to: string;
  /** `policy resource` of every violation that the edit causes, and no other edit of its variant. */
  violates: readonly string[];
}

const DEPLOYMENT = "components/builder/deployment.ts";
const BUCKET = "components/sourceBucket.ts";
const CLUSTER = "components/cluster.ts";
const KINDS = "components/ecr/kinds.ts";
const BUILDER = "components/builder.ts";

const FUNCTIONS = "images-functions-knative-lambda";

/** Edits that don't get in each other's way: one program has them all. */
const first: readonly SourceEdit[] = [
  {
    file: BUCKET,
    from: "blockPublicAcls: true",
    to: "blockPublicAcls: false",
    violates: ["bucket-access-block-complete sources-public-access"],
  },
  {
    file: BUCKET,
    from: '"aws:SecureTransport": "false"',
    to: '"aws:SecureTransport": "true"',
    violates: ["bucket-tls-only sources-bucket"],
  },
  {
    file: BUCKET,
    from: 'sseAlgorithm: "AES256"',
    to: 'sseAlgorithm: "none"',
    violates: ["bucket-encrypted sources-bucket"],
  },
  {
    file: BUCKET,
    from: "{ bucket: bucketName, tags:",
    to: '{ bucket: bucketName, acl: "public-read", tags:',
    violates: ["bucket-not-public sources-bucket"],
  },
  {
    file: BUCKET,
    from: "{ ...of, status: accelerate",
    to: '{ bucket: "sources.example", status: accelerate',
    violates: ["acceleration-where-named sources-acceleration"],
  },
  {
    file: CLUSTER,
    from: "eks.AuthenticationMode.Api,",
    to: "eks.AuthenticationMode.ApiAndConfigMap,",
    violates: ["cluster-api-authentication cluster-eks"],
  },
  {
    file: CLUSTER,
    from: '["api", "audit", ',
    to: '["api", ',
    violates: ["cluster-logs cluster-eks"],
  },
  {
    file: CLUSTER,
    from: 'supportType: "STANDARD"',
    to: 'supportType: "EXTENDED"',
    violates: ["cluster-standard-support cluster-eks"],
  },
  {
    file: CLUSTER,
    from: "name: clusterName,\n        version,",
    to: 'name: clusterName,\n        version: "1.33",',
    violates: ["cluster-version-supported cluster-eks", "knative-kubernetes-version knative-serving"],
  },
  {
    file: CLUSTER,
    from: "        encryptionConfigKeyArn: key.arn,\n",
    to: "",
    violates: ["cluster-secrets-encrypted cluster-eks"],
  },
  {
    file: "components/iam/builder.ts",
    from: '["s3:GetObject"]',
    to: '["s3:*"]',
    violates: ["iam-no-wildcards builder-identity-policy"],
  },
  {
    file: "components/iam/trust.ts",
    from: '        "aws:RequestTag/kubernetes-namespace": namespace,\n',
    to: "",
    violates: ["pod-identity-trust builder-identity-role", "pod-identity-trust knative-identity-role"],
  },
  {
    file: "components/workloadIdentity.ts",
    from: "assumeRolePolicy: JSON.stringify(",
    to: 'managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],\n        assumeRolePolicy: JSON.stringify(',
    violates: [
      "iam-no-broad-managed-policies builder-identity-role",
      "iam-no-broad-managed-policies knative-identity-role",
    ],
  },
  {
    file: DEPLOYMENT,
    from: "runAsNonRoot: true",
    to: "runAsNonRoot: false",
    violates: ["container-not-root builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "      readOnlyRootFilesystem: true,\n",
    to: "",
    violates: ["container-read-only-root builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "allowPrivilegeEscalation: false",
    to: "allowPrivilegeEscalation: true",
    violates: ["container-no-escalation builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "enableServiceLinks: false,",
    to: "enableServiceLinks: false,\n        hostNetwork: true,",
    violates: ["pod-not-privileged builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "    env: [\n",
    to: '    env: [\n      { name: "DB_PASSWORD", value: "hunter2" },\n',
    violates: ["no-secret-in-environment builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "image: args.image,",
    to: 'image: "ghcr.io/example/builder:latest",',
    violates: ["image-pinned builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "...(args.autoscaling.enabled ? {} : { replicas: args.replicas }),",
    to: "replicas: args.replicas,",
    violates: ["autoscaler-owns-replicas builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "limits: { ...args.resources.limits }",
    to: "limits: { cpu: args.resources.limits.cpu }",
    violates: ["container-resources builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: '    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, timeoutSeconds: 3 },\n',
    to: "",
    violates: ["container-probes builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: '["topology.kubernetes.io/zone", "kubernetes.io/hostname"]',
    to: '["kubernetes.io/hostname"]',
    violates: ["topology-spread builder-deployment"],
  },
  {
    file: BUILDER,
    from: 'podSecurity("restricted")',
    to: 'podSecurity("baseline")',
    violates: ["namespace-pod-security builder-namespace"],
  },
  {
    file: BUILDER,
    from: "        minReplicas,\n        maxReplicas,",
    to: "        minReplicas: maxReplicas + 1,\n        maxReplicas,",
    violates: ["autoscaler-bounds builder-autoscaler"],
  },
  {
    file: BUILDER,
    from: "maxUnavailable: 1,",
    to: "maxUnavailable: 0,",
    violates: ["disruption-budget-permits-drain builder-disruption-budget"],
  },
  {
    file: "components/networkRules.ts",
    from: 'to: [block("0.0.0.0/0", [LINK_LOCAL])], ports });',
    to: 'to: [block("0.0.0.0/0", [])], ports });',
    violates: ["egress-without-metadata builder-network-policy"],
  },
  {
    file: "components/buildNamespace.ts",
    from: 'policyTypes: ["Egress"]',
    to: "policyTypes: []",
    violates: ["build-pods-isolated builds-namespace"],
  },
  {
    file: "components/buildNamespace.ts",
    from: "automountServiceAccountToken: false",
    to: "automountServiceAccountToken: true",
    violates: ["build-pods-without-token builds-service-account"],
  },
  {
    file: "components/builder/accessRules.ts",
    from: 'rule("events.k8s.io", ["events"], APPLY)',
    to: 'rule("events.k8s.io", ["events"], ["*"])',
    violates: ["rbac-no-wildcards builder-access-cluster"],
  },
  {
    file: "components/charts.ts",
    from: 'chart: "knative-operator",\n  version: "1.23.0",',
    to: 'chart: "knative-operator",\n  version: "1.x",',
    violates: ["chart-pinned knative-operator"],
  },
  {
    file: KINDS,
    from: 'mutability: { imageTagMutability: "IMMUTABLE" }',
    to: 'mutability: { imageTagMutability: "MUTABLE" }',
    violates: ["images-immutable images-builder"],
  },
  {
    file: KINDS,
    from: "scanOnPush: true,\n      lifecycle: keepLiveImages",
    to: "scanOnPush: false,\n      lifecycle: keepLiveImages",
    violates: [`images-scanned ${FUNCTIONS}`],
  },
  {
    file: KINDS,
    from: '"MUTABLE" },\n      scanOnPush: false,\n      lifecycle: expireByAge(cacheExpiryDays',
    to: '"IMMUTABLE" },\n      scanOnPush: false,\n      lifecycle: expireByAge(cacheExpiryDays',
    violates: [
      "cache-repositories-mutable images-cache-knative-lambda",
      "cache-repositories-mutable images-cache-template",
    ],
  },
  {
    file: KINDS,
    from: "expiryDays(cacheTTL)",
    to: "1",
    violates: [
      "cache-outlives-ttl images-cache-knative-lambda-lifecycle",
      "cache-outlives-ttl images-cache-template",
    ],
  },
  {
    file: "components/ecr/lifecycle.ts",
    from: "const NEVER = 10_000_000",
    to: "const NEVER = 100",
    violates: [
      `lifecycle-keeps-running-images ${FUNCTIONS}-lifecycle`,
      "lifecycle-keeps-running-images images-functions-template",
    ],
  },
  {
    file: "components/network.ts",
    from: "cidrIpv4: this.cidr",
    to: 'cidrIpv4: "0.0.0.0/0"',
    violates: ["ingress-not-open network-endpoints-https"],
  },
  {
    file: "components/network.ts",
    from: ', tags: this.tags("vpc") }',
    to: " }",
    violates: ["required-tags network-vpc"],
  },
  {
    file: "components/servingNodes.ts",
    from: "limits: { cpu: limits.cpu, memory: limits.memory }",
    to: "limits: { cpu: limits.cpu }",
    violates: ["node-pool-limits serving-nodes-pool"],
  },
  {
    file: "components/buildQueue.ts",
    from: "String(quota.pods)",
    to: '"50"',
    violates: ["job-limit-fits-queue build-queue-queue"],
  },
  {
    file: "components/buildQueue.ts",
    from: '{ name: "cpu", nominalQuota: quota.cpu }',
    to: '{ name: "cpu", nominalQuota: "1000" }',
    violates: ["job-limit-fits-node-pool build-queue-queue"],
  },
  {
    file: "components/clusterAddons.ts",
    from: '"enable-network-policy-controller": "true"',
    to: '"enable-network-policy-controller": "false"',
    violates: ["network-policy-enforced cluster-eks"],
  },
  {
    file: "components/clusterAddons.ts",
    from: 'encrypted: "true"',
    to: 'encrypted: "false"',
    violates: ["storage-encrypted addons-gp3"],
  },
  {
    file: "components/builder/environment.ts",
    from: "KEEP_ALIVE_FUNCTIONS: keepAlive.functions",
    to: "KEEP_ALIVE_FUNCTIONS: [...'abcdefghij']",
    violates: ["keep-alive-few builder-environment"],
  },
  {
    file: "stacks/aws.ts",
    from: "serviceAccount: BUILDER,",
    to: 'serviceAccount: "kaniko-build",',
    violates: ["build-pods-without-identity builder-identity-association"],
  },
  {
    file: "stacks/aws.ts",
    from: "    clusterIdentifier: clusterArn,\n",
    to: "",
    violates: ["provider-cluster-identifier cluster"],
  },
];

/** Edits at places that the first ones are at too. */
const second: readonly SourceEdit[] = [
  {
    file: BUCKET,
    from: "new aws.s3.BucketPublicAccessBlock(",
    to: "new aws.s3.BucketAcl(",
    violates: ["bucket-has-access-block sources-bucket"],
  },
  {
    file: BUILDER,
    from: "if (most > 1) {",
    to: "if (most > 100) {",
    violates: ["deployment-has-disruption-budget builder-deployment"],
  },
  {
    file: "components/builder/networkPolicy.ts",
    from: 'policyTypes: ["Ingress", "Egress"]',
    to: 'policyTypes: ["Ingress"]',
    violates: ["deployment-isolated builder-deployment"],
  },
  {
    file: DEPLOYMENT,
    from: "requests: { ...args.resources.requests }",
    to: "requests: { memory: args.resources.requests.memory }",
    violates: ["autoscaler-has-requests builder-deployment", "container-resources builder-deployment"],
  },
  {
    file: "components/imageRepositories.ts",
    from: "        lifecyclePolicy: lifecycle,\n",
    to: "",
    violates: ["functions", "cache", "base-images"].map(
      (kind) => `repository-has-lifecycle images-${kind}-template`,
    ),
  },
  {
    file: "components/knativeLoadBalancer.ts",
    from: "[`${AWS}-ssl-cert`]: certificateArn, ",
    to: "",
    violates: ["load-balancer-tls knative-load-balancer"],
  },
  {
    file: "components/sourceBucket.ts",
    from: "{ parent: this, protect },",
    to: "{ parent: this },",
    violates: ["stateful-protected sources-bucket"],
  },
];

/** Source edits, in programs of their own. */
export const variants = [first, second];

/** Edits of production's stack file that its schema lets pass, as `pulumi config set` writes them. */
export const settingEdits: readonly { key: string; value: string; violates: readonly string[] }[] = [
  {
    key: "builderService.kaniko.cache",
    value: "false",
    violates: ["kaniko-cache-on builder-environment"],
  },
  {
    key: "builderService.kaniko.cacheScope",
    value: "shared",
    violates: ["cache-per-namespace builder-environment"],
  },
  {
    key: "builderService.kaniko.image",
    value: "gcr.io/kaniko-project/executor:v1.24.0",
    violates: ["kaniko-image-maintained builder-environment"],
  },
  {
    key: "builderService.kaniko.resources.limits.memory",
    value: "32Gi",
    violates: ["kaniko-resources builder-environment"],
  },
  {
    key: "buildNodes.limits.cpu",
    value: "64",
    violates: ["job-limit-reached build-queue-queue"],
  },
  {
    key: "cluster.publicAccessCidrs[0]",
    value: "0.0.0.0/0",
    violates: ["cluster-endpoint-not-open cluster-eks"],
  },
  { key: "cluster.logRetentionDays", value: "3653", violates: ["log-retention cluster-logs"] },
  {
    key: "protect",
    value: "false",
    violates: [
      "stateful-protected builder-functions",
      "stateful-protected builds-namespace",
      "stateful-protected cluster-eks",
      "stateful-protected cluster-secrets",
      "stateful-protected images-builder",
      `stateful-protected ${FUNCTIONS}`,
      "stateful-protected sources-bucket",
    ],
  },
  {
    key: "cluster.metricsServer",
    value: "false",
    violates: ["cluster-has-charts cluster-eks"],
  },
  {
    key: "builderService.autoscaling.minReplicas",
    value: "1",
    violates: ["production-replicated builder-deployment"],
  },
  { key: "knative.replicas", value: "1", violates: ["production-replicated knative-serving"] },
  { key: "quotas.spotVcpus", value: "5", violates: ["ec2-quota build-nodes-pool"] },
];
