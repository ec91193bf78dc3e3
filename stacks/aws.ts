import * as k8s from "@pulumi/kubernetes";
import { Budget } from "../components/budget";
import { ecrLayerHost } from "../components/buildNamespace";
import { BuildNodes } from "../components/buildNodes";
import { Cluster } from "../components/cluster";
import { builderPolicy, clusterArn as clusterArnOf, knativePolicy, roleArn } from "../components/iam";
import { ImageRepositories } from "../components/imageRepositories";
import { Network } from "../components/network";
import { RegistryAccess } from "../components/registryAccess";
import { ServingNodes } from "../components/servingNodes";
import { SourceBucket } from "../components/sourceBucket";
import { WorkloadIdentity } from "../components/workloadIdentity";
import { imageNames } from "../contract/imageNames";
import { tags as tagsOf } from "../contract/labels";
import { BUILDER, KNATIVE_NAMESPACE, SYSTEM_NAMESPACE } from "../contract/names";
import type { StackOutputs } from "../contract/outputs";
import { monthlyCost } from "../estimate/cost";
import type { Settings } from "../settings";
import { version } from "../package.json";
import type { Account } from "./account";
import { workloads } from "./workloads";

/** Everything, from the VPC up. Read from top to bottom: each part is made from the outputs of those above it. */
export function awsStack(settings: Settings, account: Account): StackOutputs {
  const { builderService, imageRepositories, stack, protect } = settings;
  const region = required(settings.region);
  const tags = tagsOf(stack);
  const clusterName = settings.cluster.name ?? `knative-lambda-${stack}`;
  const clusterArn = clusterArnOf({ region, account: account.id }, clusterName);
  const names = imageNames({
    registry: `${account.id}.dkr.ecr.${region}.amazonaws.com`,
    cacheRepo: builderService.kaniko.cacheRepo,
    functions: imageRepositories.functions,
    builder: imageRepositories.builder,
    baseImagePath: `${imageRepositories.pullThroughPrefix}/docker/library`,
    baseImages: imageRepositories.baseImages,
  });

  const network = new Network("network", {
    ...settings.network,
    region,
    zoneNames: account.zoneNames.slice(0, settings.network.zones),
    clusterName,
    tags,
  });

  const images = new ImageRepositories("images", {
    ...imageRepositories,
    names,
    cacheTTL: builderService.kaniko.cacheTTL,
    cacheScope: builderService.kaniko.cacheScope,
    namespaces: settings.functions.namespaces,
    region,
    account: account.id,
    creationRoleName: `${clusterName}-ecr-creation`,
    protect,
    tags,
  });

  const sources = new SourceBucket("sources", {
    ...settings.sourceBucket,
    bucketName: settings.sourceBucket.name ?? `knative-lambda-${stack}-sources-${account.id}`,
    protect,
    tags,
  });

  // All of the network, not only what it takes by id: routes and gateways must outlive the workloads that are taken down through them.
  const cluster = new Cluster(
    "cluster",
    {
      ...settings.cluster,
      clusterName,
      vpcId: network.vpcId,
      privateSubnetIds: network.privateSubnetIds,
      protect,
      tags,
    },
    { dependsOn: [network] },
  );

  // An unknown or changed kubeconfig replaces a provider and with it every object on it. With an identifier only another name does; after a
  // cluster was made anew under its old name, `pulumi refresh` tells the state that its objects are gone.
  const provider = new k8s.Provider("cluster", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: clusterArn,
    enableServerSideApply: true,
    enableConfigMapMutable: true,
  });
  const onCluster = { provider, dependsOn: [cluster] };

  const builderRole = `${clusterName}-builder`;
  const registryAccess = new RegistryAccess("registry-access", {
    roleName: `${clusterName}-registry-access`,
    assumedBy: roleArn(account.id, builderRole),
    arns: images.arns,
    tags,
  });
  const builderIdentity = new WorkloadIdentity("builder-identity", {
    roleName: builderRole,
    clusterName: cluster.clusterName,
    clusterArn,
    namespace: SYSTEM_NAMESPACE,
    serviceAccount: BUILDER,
    policy: builderPolicy({
      bucketArn: sources.arn,
      images: images.arns,
      registryAccessRoleArn: registryAccess.roleArn,
    }),
    tags,
  });
  const knativeIdentity = new WorkloadIdentity("knative-identity", {
    roleName: `${clusterName}-knative`,
    clusterName: cluster.clusterName,
    clusterArn,
    namespace: KNATIVE_NAMESPACE,
    serviceAccount: "controller",
    policy: knativePolicy({ images: images.arns }),
    tags,
  });

  const buildNodes = new BuildNodes(
    "build-nodes",
    {
      ...settings.buildNodes,
      vcpuQuota:
        settings.buildNodes.capacityType === "spot"
          ? settings.quotas.spotVcpus
          : settings.quotas.onDemandVcpus,
      architecture: settings.platform.architecture,
      nodeRoleName: cluster.nodeRoleName,
      securityGroupId: cluster.securityGroupId,
      subnetIds: network.privateSubnetIds,
    },
    onCluster,
  );

  const servingNodes = new ServingNodes(
    "serving-nodes",
    { architecture: settings.platform.architecture, limits: settings.servingNodes.limits },
    onCluster,
  );

  const { builderAddress, dashboardUid } = workloads(
    {
      settings,
      names,
      builderImage: builderService.image ?? `${names.builder}:${version}`,
      bucket: {
        name: sources.bucketName,
        region,
        endpoint: "",
        accelerateEndpoint: sources.accelerateEndpoint,
      },
      registryRoleArn: registryAccess.roleArn,
      autoMode: {
        placement: buildNodes.placement,
        cidr: network.cidr,
        layerHosts: [ecrLayerHost(region)],
      },
    },
    {
      provider,
      dependsOn: [cluster, buildNodes, servingNodes, builderIdentity, knativeIdentity, images, sources],
    },
  );

  const { monthlyUsd, emails, activateCostAllocationTag } = settings.budget;
  // Without anybody to tell it is a figure of the stack file's, which `npm run check:cost` holds the estimate to.
  if (monthlyUsd !== undefined && emails.length > 0) {
    new Budget("budget", {
      monthlyUsd,
      emails,
      activateCostAllocationTag,
      estimatedUsd: monthlyCost(settings).total,
      stack,
      clusterName,
      tags,
    });
  }

  return {
    clusterName: cluster.clusterName,
    kubeconfig: cluster.kubeconfig,
    registry: names.registry,
    repositories: { cache: names.cachePrefix, functions: names.functionsPrefix, builder: names.builder },
    sourceBucket: sources.bucketName,
    ...(settings.sourceBucket.accelerate
      ? { sourceBucketAccelerateEndpoint: sources.accelerateEndpoint }
      : {}),
    builderAddress,
    dashboardUid,
  };
}

/** The settings' rules have seen to it that `target: aws` has a region. */
function required(region: string | undefined): string {
  if (region === undefined) throw new Error("target aws without a region passed the settings' rules");
  return region;
}
