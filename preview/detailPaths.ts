const OBJECT_RULES = ["rules[].resources as resources"];

/**
 * Properties that matter, by type: what a reviewer asks of such a resource before it is made. A type that is not here is shown by its
 * name alone; the JSON has every input of every resource.
 *
 * `a[].b` is `b` of every entry of the list `a`, `a|b` looks into the JSON that `a` holds, `a.B_*` is every key of `a` that begins so,
 * and `a.b as c` is shown as `c` rather than `b`.
 */
export const DETAILS: Readonly<Record<string, readonly string[]>> = {
  "aws:ec2/vpc:Vpc": ["cidrBlock"],
  "aws:ec2/subnet:Subnet": ["availabilityZone", "cidrBlock", "mapPublicIpOnLaunch"],
  "aws:ec2/route:Route": ["destinationCidrBlock"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["serviceName", "vpcEndpointType"],
  "aws:ec2/securityGroup:SecurityGroup": ["description"],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ["cidrIpv4", "fromPort", "ipProtocol"],
  "aws:ecr/repository:Repository": [
    "name",
    "imageTagMutability",
    "imageScanningConfiguration.scanOnPush",
    "forceDelete",
  ],
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": [
    "prefix",
    "imageTagMutability",
    "lifecyclePolicy|rules[].description as images",
  ],
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": ["policy|rules[].description as images"],
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": ["ecrRepositoryPrefix", "upstreamRegistryUrl"],
  "aws:ecr/accountSetting:AccountSetting": ["name", "value"],
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": [
    "scanType",
    "rules[].scanFrequency as scan",
  ],
  "aws:s3/bucket:Bucket": ["bucket"],
  "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration": ["status"],
  "aws:s3/bucketVersioning:BucketVersioning": ["versioningConfiguration.status"],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [
    "rules[].id as rules",
    "rules[].expiration.days as contextDays",
    "rules[].noncurrentVersionExpiration.noncurrentDays as noncurrentDays",
  ],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ["block*", "ignore*", "restrict*"],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
    "rules[].applyServerSideEncryptionByDefault.sseAlgorithm",
  ],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ["rule.objectOwnership"],
  "aws:s3/bucketPolicy:BucketPolicy": ["policy|Statement[].Sid as statements"],
  "aws:iam/role:Role": ["name", "assumeRolePolicy|Statement[].Principal as assumed by", "maxSessionDuration"],
  "aws:iam/rolePolicy:RolePolicy": ["policy|Statement[].Sid as statements"],
  "aws:kms/key:Key": ["enableKeyRotation", "deletionWindowInDays"],
  "aws:kms/alias:Alias": ["name"],
  "aws:cloudwatch/logGroup:LogGroup": ["name", "retentionInDays"],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": ["namespace", "serviceAccount", "roleArn"],
  "aws:budgets/budget:Budget": [
    "limitAmount",
    "limitUnit",
    "timeUnit",
    "notifications[].threshold as thresholds",
  ],
  "eks:index:Cluster": [
    "name",
    "version",
    "upgradePolicy.supportType",
    "endpointPublicAccess",
    "publicAccessCidrs",
    "authenticationMode",
    "enabledClusterLogTypes",
    "deletionProtection",
  ],
  "pulumi:providers:kubernetes": ["clusterIdentifier", "context"],
  "kubernetes:apps/v1:Deployment": [
    "spec.replicas",
    "spec.template.spec.containers[].image as image",
    "spec.template.spec.containers[].resources.requests",
    "spec.template.spec.containers[].resources.limits",
  ],
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": [
    "spec.minReplicas",
    "spec.maxReplicas",
    "spec.metrics[].resource.target.averageUtilization as targetCPU",
  ],
  "kubernetes:policy/v1:PodDisruptionBudget": ["spec.maxUnavailable", "spec.minAvailable"],
  "kubernetes:core/v1:ConfigMap": ["data.KANIKO_*", "data.KEEP_ALIVE_*", "data.IMAGE_*", "data.enable-*"],
  "kubernetes:core/v1:Service": ["spec.type", "spec.loadBalancerClass", "spec.ports[].port as ports"],
  "kubernetes:core/v1:ServiceAccount": ["automountServiceAccountToken"],
  "kubernetes:core/v1:LimitRange": ["spec.limits[].max", "spec.limits[].defaultRequest"],
  "kubernetes:scheduling.k8s.io/v1:PriorityClass": ["value", "preemptionPolicy"],
  "kubernetes:storage.k8s.io/v1:StorageClass": ["provisioner", "parameters.type", "parameters.encrypted"],
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": [
    "spec.policyTypes",
    "spec.ingress[].ports[].port as in",
    "spec.egress[].ports[].port as out",
  ],
  "kubernetes:networking.k8s.aws/v1alpha1:ApplicationNetworkPolicy": [
    "spec.policyTypes",
    "spec.egress[].to[].domainNames as to",
  ],
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": OBJECT_RULES,
  "kubernetes:rbac.authorization.k8s.io/v1:Role": OBJECT_RULES,
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": ["roleRef.name as role", "subjects[].name as to"],
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": [
    "roleRef.name as role",
    "subjects[].name as to",
  ],
  "kubernetes:helm.sh/v3:Release": ["chart", "version"],
  "kubernetes:karpenter.sh/v1:NodePool": [
    "spec.limits",
    "spec.template.spec.requirements[].values as requirements",
    "spec.disruption.consolidationPolicy",
    "spec.disruption.consolidateAfter",
  ],
  "kubernetes:eks.amazonaws.com/v1:NodeClass": ["spec.ephemeralStorage", "spec.networkPolicy"],
  "kubernetes:kueue.x-k8s.io/v1beta2:ClusterQueue": [
    "spec.resourceGroups[].coveredResources as resources",
    "spec.resourceGroups[].flavors[].resources[].nominalQuota as quota",
    "spec.admissionScope.admissionMode",
  ],
  "kubernetes:kueue.x-k8s.io/v1beta2:ResourceFlavor": ["spec.nodeLabels"],
  "kubernetes:operator.knative.dev/v1beta1:KnativeServing": [
    "spec.version",
    "spec.high-availability.replicas as replicas",
    "spec.config.autoscaler",
    "spec.config.domain",
  ],
  "kubernetes:monitoring.coreos.com/v1:PrometheusRule": ["spec.groups[].name as groups"],
  "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": ["spec.versions[].name as versions"],
};
