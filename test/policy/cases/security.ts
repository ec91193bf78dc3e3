import type { Case } from "../support/case";
import { eksCluster } from "../support/eksCluster";
import { isolation } from "./isolation";

const POD = "spec.template.spec";
const CONTAINER = `${POD}.containers.0`;

/** The condition of a Deny that is about requests without TLS. */
const PLAIN = { "aws:SecureTransport": "false" };

/** An IAM document with a member of its first statement replaced. */
const statement =
  (changes: object) =>
  (document: unknown): string => {
    const { Statement, ...rest } = JSON.parse(document as string) as { Statement: object[] };
    return JSON.stringify({ ...rest, Statement: [{ ...Statement[0], ...changes }, ...Statement.slice(1)] });
  };

export const security: readonly Case[] = [
  {
    policy: "bucket-not-public",
    edit: { resource: "sources-tls-only", at: "policy", to: statement({ Effect: "Allow" }) },
    says: /policy: statement TlsOnly allows everybody \("\*"\); name a principal/,
  },
  {
    policy: "bucket-not-public",
    when: "by an ACL of the bucket's own",
    edit: { resource: "sources-bucket", at: "acl", to: "public-read" },
    says: /acl is public-read; make it private/,
  },
  {
    policy: "bucket-not-public",
    when: "by a grant",
    edit: {
      resource: "sources-bucket",
      at: "accessControlPolicy",
      to: { grants: [{ grantee: { uri: "http://acs.amazonaws.com/groups/global/AllUsers" } }] },
    },
    says: /accessControlPolicy grants to http:\/\/acs\.amazonaws\.com\/groups\/global\/AllUsers/,
  },
  ...["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].map(
    (flag): Case => ({
      policy: "bucket-access-block-complete",
      when: flag,
      edit: { resource: "sources-public-access", at: flag, to: false },
      says: new RegExp(`${flag} is not true`),
    }),
  ),
  {
    policy: "bucket-has-access-block",
    edit: { resource: "sources-public-access" },
    says: /sources-bucket has no BucketPublicAccessBlock/,
  },
  {
    policy: "bucket-tls-only",
    edit: { resource: "sources-tls-only", at: "policy", to: statement({ Condition: {} }) },
    says: /sources-bucket has no policy that denies requests without TLS/,
  },
  {
    policy: "bucket-tls-only",
    when: "on objects alone",
    edit: {
      resource: "sources-tls-only",
      at: "policy",
      to: statement({ Resource: ["arn:aws:s3:::sources/*"] }),
    },
    says: /sources-bucket has no policy that denies requests without TLS/,
  },
  ...(
    [
      ["of one bucket, on all objects of another", { Resource: ["arn:aws:s3:::a", "arn:aws:s3:::b/*"] }],
      ["of another bucket", { Resource: ["arn:aws:s3:::a", "arn:aws:s3:::a/*"] }],
      ["on another condition too", { Condition: { Bool: PLAIN, StringLike: { "aws:UserAgent": "x*" } } }],
      ["on another key too", { Condition: { Bool: { ...PLAIN, "aws:ViaAWSService": "false" } } }],
      ["of one account", { Principal: { AWS: "arn:aws:iam::123456789012:root" } }],
    ] as const
  ).map(([when, changes]): Case => ({
    policy: "bucket-tls-only",
    when,
    edit: { resource: "sources-tls-only", at: "policy", to: statement(changes) },
    says: /sources-bucket has no policy that denies requests without TLS/,
  })),
  {
    policy: "bucket-tls-only",
    when: "on some objects alone",
    edit: {
      resource: "sources-tls-only",
      at: "policy",
      to: (document: unknown) => (document as string).replace("/*", "/contexts/*"),
    },
    says: /sources-bucket has no policy that denies requests without TLS/,
  },
  {
    policy: "bucket-encrypted",
    edit: { resource: "sources-encryption", at: "rules", to: [] },
    says: /sources-bucket has no encryption by default/,
  },
  {
    policy: "storage-encrypted",
    edit: { resource: "addons-gp3", at: "parameters.encrypted", to: "false" },
    says: /parameters\.encrypted is not "true"/,
  },
  {
    policy: "cluster-secrets-encrypted",
    edit: { resource: "cluster-eks", at: "encryptionConfigKeyArn", to: undefined },
    says: /encryptionConfigKeyArn names no key/,
  },
  {
    policy: "cluster-secrets-encrypted",
    when: "as EKS's own resource has it",
    beside: [eksCluster],
    edit: { resource: "cluster-made", at: "encryptionConfig.provider.keyArn", to: undefined },
    says: /encryptionConfigKeyArn names no key/,
  },
  {
    policy: "cluster-endpoint-not-open",
    edit: { resource: "cluster-eks", at: "endpointPublicAccess", to: true },
    says: /publicAccessCidrs has 0\.0\.0\.0\/0/,
  },
  {
    policy: "cluster-endpoint-not-open",
    when: "as EKS's own resource has it",
    beside: [eksCluster],
    edit: { resource: "cluster-made", at: "vpcConfig.endpointPublicAccess", to: true },
    says: /publicAccessCidrs has 0\.0\.0\.0\/0/,
  },
  ...(
    [
      ["two halves", ["0.0.0.0/1", "128.0.0.0/1"], /publicAccessCidrs has 0\.0\.0\.0\/1, 128\.0\.0\.0\/1;/],
      ["a large part", ["203.0.113.0/24", "8.0.0.0/7"], /publicAccessCidrs has 8\.0\.0\.0\/7;/],
      [
        "many blocks, each small enough",
        ["1.0.0.0/8", "2.0.0.0/8"],
        /publicAccessCidrs has 1\.0\.0\.0\/8 with 2\.0\.0\.0\/8;/,
      ],
      ["half of IPv6", ["::/1"], /publicAccessCidrs has ::\/1;/],
      ["what is no block", ["anywhere"], /publicAccessCidrs has anywhere;/],
    ] as const
  ).map(([when, publicAccessCidrs, says]): Case => ({
    policy: "cluster-endpoint-not-open",
    when,
    beside: [eksCluster],
    edit: {
      resource: "cluster-made",
      at: "vpcConfig",
      to: { endpointPublicAccess: true, publicAccessCidrs },
    },
    says,
  })),
  {
    policy: "cluster-endpoint-not-open",
    when: "a threshold of one's own",
    config: { widestIpv4: 24 },
    beside: [eksCluster],
    edit: {
      resource: "cluster-made",
      at: "vpcConfig",
      to: { endpointPublicAccess: true, publicAccessCidrs: ["203.0.112.0/23"] },
    },
    says: /publicAccessCidrs has 203\.0\.112\.0\/23;/,
  },
  {
    policy: "cluster-api-authentication",
    edit: { resource: "cluster-eks", at: "authenticationMode", to: "API_AND_CONFIG_MAP" },
    says: /authenticationMode is API_AND_CONFIG_MAP; set it to API/,
  },
  {
    policy: "cluster-api-authentication",
    when: "as EKS's own resource has it",
    beside: [eksCluster],
    edit: { resource: "cluster-made", at: "accessConfig.authenticationMode", to: "CONFIG_MAP" },
    says: /authenticationMode is CONFIG_MAP/,
  },
  {
    policy: "cluster-logs",
    edit: {
      resource: "cluster-eks",
      at: "enabledClusterLogTypes",
      to: ["api", "authenticator", "controllerManager", "scheduler"],
    },
    says: /enabledClusterLogTypes lacks audit/,
  },
  {
    policy: "iam-no-wildcards",
    when: "an action",
    edit: { resource: "builder-identity-policy", at: "policy", to: statement({ Action: ["s3:*"] }) },
    says: /policy: statement ReadSources allows s3:\*; list the actions/,
  },
  {
    policy: "iam-no-wildcards",
    when: "a resource",
    edit: { resource: "builder-identity-policy", at: "policy", to: statement({ Resource: ["*"] }) },
    says: /statement ReadSources allows s3:GetObject on every resource/,
  },
  ...["arn:aws:s3:::*", "arn:aws:ecr:us-west-2:123456789012:repository/*", "arn:aws:iam::123456789012:*"].map(
    (arn): Case => ({
      policy: "iam-no-wildcards",
      when: arn,
      edit: { resource: "builder-identity-policy", at: "policy", to: statement({ Resource: [arn] }) },
      says: /statement ReadSources allows on arn:.*; name the resources/,
    }),
  ),
  {
    policy: "iam-no-wildcards",
    when: "all but some",
    edit: {
      resource: "knative-identity-policy",
      at: "policy",
      to: statement({ NotResource: ["arn:aws:s3:::x"] }),
    },
    says: /statement LogInToRegistry allows on all but some resources/,
  },
  {
    policy: "iam-no-wildcards",
    when: "a policy within the role",
    edit: {
      resource: "builder-identity-role",
      at: "inlinePolicies",
      to: [{ policy: '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::x"}}' }],
    },
    says: /statement 1 allows s3:\*; list the actions/,
  },
  {
    policy: "iam-no-wildcards",
    when: "text that is no document",
    edit: { resource: "builder-identity-policy", at: "policy", to: "{" },
    says: /policy is not a JSON document/,
  },
  {
    policy: "iam-no-broad-managed-policies",
    edit: {
      resource: "builder-identity-role",
      at: "managedPolicyArns",
      to: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
    },
    says: /the role is given arn:aws:iam::aws:policy\/AmazonS3FullAccess/,
  },
  ...["eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account"].map((tag): Case => ({
    policy: "pod-identity-trust",
    when: tag,
    edit: {
      resource: "builder-identity-role",
      at: "assumeRolePolicy",
      to: (document: unknown) =>
        (document as string).replace(`aws:RequestTag/${tag}`, "aws:RequestTag/other"),
    },
    says: new RegExp(`statement PodIdentity is open to any ${tag}`),
  })),
  {
    policy: "pod-identity-trust",
    when: "without TagSession",
    edit: {
      resource: "builder-identity-role",
      at: "assumeRolePolicy",
      to: statement({ Action: "sts:AssumeRole" }),
    },
    says: /lacks sts:TagSession/,
  },
  {
    policy: "pod-identity-trust",
    when: "everybody",
    edit: {
      resource: "registry-access-role",
      at: "assumeRolePolicy",
      to: statement({ Principal: { AWS: "*" } }),
    },
    says: /statement OneRole lets everybody assume the role/,
  },
  {
    policy: "pod-identity-trust",
    when: "a whole account",
    edit: {
      resource: "registry-access-role",
      at: "assumeRolePolicy",
      to: statement({ Condition: undefined }),
    },
    says: /statement OneRole lets every role of an account assume it/,
  },
  ...(
    [
      ["a whole account by its number", { Principal: { AWS: "123456789012" }, Condition: undefined }],
      ["a whole account over TLS", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
      ["a whole account by a pattern", { Condition: { ArnLike: { "aws:PrincipalArn": "*" } } }],
      [
        "a whole account by a pattern of roles",
        { Condition: { ArnLike: { "aws:PrincipalArn": ["arn:aws:iam::123456789012:role/*"] } } },
      ],
      [
        "a role of any account",
        { Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/builder" } } },
      ],
      [
        "all but one role",
        { Condition: { ArnNotEquals: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/x" } } },
      ],
    ] as const
  ).map(([when, changes]): Case => ({
    policy: "pod-identity-trust",
    when,
    edit: { resource: "registry-access-role", at: "assumeRolePolicy", to: statement(changes) },
    says: /statement OneRole lets every role of an account assume it; name one with a condition ArnEquals/,
  })),
  {
    policy: "container-not-root",
    edit: { resource: "builder-deployment", at: `${POD}.securityContext.runAsNonRoot`, to: false },
    says: /container builder: runAsNonRoot is not true/,
  },
  {
    policy: "container-not-root",
    when: "user 0",
    edit: { resource: "builder-deployment", at: `${POD}.securityContext.runAsUser`, to: 0 },
    says: /container builder: runAsUser is 0/,
  },
  {
    policy: "container-read-only-root",
    edit: {
      resource: "builder-deployment",
      at: `${CONTAINER}.securityContext.readOnlyRootFilesystem`,
      to: undefined,
    },
    says: /container builder: readOnlyRootFilesystem is not true/,
  },
  {
    policy: "pod-not-privileged",
    edit: { resource: "builder-deployment", at: `${CONTAINER}.securityContext.privileged`, to: true },
    says: /container builder: privileged is true/,
  },
  {
    policy: "pod-not-privileged",
    when: "the node's network",
    edit: { resource: "builder-deployment", at: `${POD}.hostNetwork`, to: true },
    says: /hostNetwork is true/,
  },
  {
    policy: "pod-not-privileged",
    when: "the node's files",
    edit: { resource: "builder-deployment", at: `${POD}.volumes.0.hostPath`, to: { path: "/" } },
    says: /volume tmp is a hostPath/,
  },
  {
    policy: "container-no-escalation",
    edit: {
      resource: "builder-deployment",
      at: `${CONTAINER}.securityContext.allowPrivilegeEscalation`,
      to: true,
    },
    says: /container builder: allowPrivilegeEscalation is not false/,
  },
  {
    policy: "container-no-escalation",
    when: "capabilities",
    edit: {
      resource: "builder-deployment",
      at: `${CONTAINER}.securityContext.capabilities.add`,
      to: ["NET_RAW"],
    },
    says: /capabilities\.add has NET_RAW/,
  },
  {
    policy: "namespace-pod-security",
    edit: {
      resource: "builder-namespace",
      at: ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
      to: "baseline",
    },
    says: /label pod-security\.kubernetes\.io\/enforce is baseline; make it restricted/,
  },
  {
    policy: "namespace-pod-security",
    when: "no level for builds",
    edit: {
      resource: "builds-namespace",
      at: ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
      to: undefined,
    },
    says: /enforce is not set; make it baseline/,
  },
  {
    policy: "no-secret-in-environment",
    edit: {
      resource: "builder-deployment",
      at: `${CONTAINER}.env.1`,
      to: { name: "DB_PASSWORD", value: "hunter2" },
    },
    says: /container builder: DB_PASSWORD looks like a secret/,
  },
  {
    policy: "no-secret-in-environment",
    when: "a key under a harmless name, in a ConfigMap",
    edit: {
      resource: "builder-environment",
      at: "data.BUCKET_ENDPOINT",
      to: "https://user:pass@s3.example.com",
    },
    says: /data\.BUCKET_ENDPOINT looks like a secret/,
  },
  {
    policy: "rbac-no-wildcards",
    edit: { resource: "builder-access-builds", at: "rules.0.verbs", to: ["*"] },
    says: /rules\[0\]\.verbs has "\*"/,
  },
  ...isolation,
  {
    policy: "network-policy-enforced",
    edit: {
      resource: "addons-network-policy",
      at: ["data", "enable-network-policy-controller"],
      to: "false",
    },
    says: /no ConfigMap amazon-vpc-cni has enable-network-policy-controller/,
  },
  {
    policy: "cache-per-namespace",
    edit: { resource: "builder-environment", at: "data.KANIKO_CACHE_SCOPE", to: "shared" },
    says: /KANIKO_CACHE_SCOPE is shared, so that a tenant can plant layers for another/,
  },
  {
    policy: "image-pinned",
    edit: { resource: "builder-deployment", at: `${CONTAINER}.image`, to: "ghcr.io/example/builder:latest" },
    says: /builder: ghcr\.io\/example\/builder:latest has the moving tag "latest"/,
  },
  {
    policy: "image-pinned",
    when: "Kaniko's, in the settings",
    edit: {
      resource: "builder-environment",
      at: "data.KANIKO_IMAGE",
      to: "ghcr.io/osscontainertools/kaniko",
    },
    says: /KANIKO_IMAGE: ghcr\.io\/osscontainertools\/kaniko has neither tag nor digest/,
  },
  {
    policy: "chart-pinned",
    edit: { resource: "knative-operator", at: "version", to: undefined },
    says: /version is not set; name one exactly/,
  },
  {
    policy: "images-immutable",
    edit: { resource: "images-builder", at: "imageTagMutability", to: "MUTABLE" },
    says: /imageTagMutability is MUTABLE; make it IMMUTABLE/,
  },
  {
    policy: "images-immutable",
    when: "by too wide an exclusion, in a template",
    edit: {
      resource: "images-functions-template",
      at: "imageTagMutabilityExclusionFilters.0.filter",
      to: "*",
    },
    says: /tags \* can be moved; exclude live-\* alone/,
  },
  {
    policy: "images-scanned",
    edit: {
      resource: "images-functions-knative-lambda",
      at: "imageScanningConfiguration.scanOnPush",
      to: false,
    },
    says: /imageScanningConfiguration\.scanOnPush is not true/,
  },
  {
    policy: "build-pods-without-token",
    edit: { resource: "builds-service-account", at: "automountServiceAccountToken", to: undefined },
    says: /automountServiceAccountToken is not false/,
  },
  {
    policy: "build-pods-without-identity",
    edit: { resource: "builder-identity-association", at: "serviceAccount", to: "kaniko-build" },
    says: /the service account of builds, kaniko-build, is given a role/,
  },
  {
    policy: "build-pods-without-identity",
    when: "by an annotation",
    edit: {
      resource: "builds-service-account",
      at: "metadata.annotations",
      to: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/x" },
    },
    says: /annotation eks\.amazonaws\.com\/role-arn names a role/,
  },
  {
    policy: "ingress-not-open",
    edit: { resource: "network-endpoints-https", at: "cidrIpv4", to: "0.0.0.0/0" },
    says: /ingress from 0\.0\.0\.0\/0/,
  },
  {
    policy: "ingress-not-open",
    when: "by half of it",
    edit: { resource: "network-endpoints-https", at: "cidrIpv4", to: "128.0.0.0/1" },
    says: /ingress from 128\.0\.0\.0\/1/,
  },
  {
    policy: "ingress-not-open",
    when: "by IPv6",
    edit: { resource: "network-endpoints-https", at: "cidrIpv6", to: "2000::/3" },
    says: /ingress from 2000::\/3/,
  },
  {
    policy: "ingress-not-open",
    when: "by rules of one group together",
    edit: {
      resource: "network-default",
      at: "ingress",
      to: [{ cidrBlocks: ["1.0.0.0/8"] }, { cidrBlocks: ["2.0.0.0/8"] }],
    },
    says: /ingress from 1\.0\.0\.0\/8 with 2\.0\.0\.0\/8/,
  },
  {
    policy: "ingress-not-open",
    when: "by the group that nobody names",
    edit: { resource: "network-default", at: "ingress", to: [{ cidrBlocks: ["0.0.0.0/0"] }] },
    says: /ingress from 0\.0\.0\.0\/0/,
  },
  {
    policy: "ingress-not-open",
    when: "by a rule of its own",
    beside: [
      {
        type: "aws:ec2/securityGroupRule:SecurityGroupRule",
        name: "open",
        urn: "urn:pulumi:prod::knative-lambda::aws:ec2/securityGroupRule:SecurityGroupRule::open",
        protect: false,
        madeFrom: [],
        props: { type: "egress", cidrBlocks: ["0.0.0.0/0"] },
      },
    ],
    edit: { resource: "open", at: "type", to: "ingress" },
    says: /ingress from 0\.0\.0\.0\/0/,
  },
  {
    policy: "load-balancer-tls",
    edit: {
      resource: "knative-load-balancer",
      at: ["metadata", "annotations", "service.beta.kubernetes.io/aws-load-balancer-ssl-cert"],
      to: undefined,
    },
    says: /aws-load-balancer-ssl-cert is missing on a load balancer that faces the internet/,
  },
];
