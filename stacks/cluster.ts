import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { imageNames } from "../contract/imageNames";
import type { StackOutputs } from "../contract/outputs";
import type { Settings } from "../settings";
import { workloads } from "./workloads";

/**
 * The platform on a Kubernetes cluster that exists, with a registry and an S3-compatible store that exist.
 * @param kubeconfig of the cluster; undefined: the one that kubectl would use
 */
export function clusterStack(
  settings: Settings,
  kubeconfig: pulumi.Output<string> | undefined,
): StackOutputs {
  const { builderService, imageRepositories, sourceBucket } = settings;
  const { registry, bucketName, endpoint, image } = needed({
    registry: imageRepositories.registry,
    bucketName: sourceBucket.name,
    endpoint: sourceBucket.endpoint,
    image: builderService.image,
  });
  const names = imageNames({
    registry,
    cacheRepo: builderService.kaniko.cacheRepo,
    functions: imageRepositories.functions,
    builder: imageRepositories.builder,
    baseImagePath: "",
    baseImages: imageRepositories.baseImages,
  });
  const clusterName = settings.cluster.name ?? settings.cluster.context ?? settings.stack;

  const provider = new k8s.Provider("cluster", {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(settings.cluster.context === undefined ? {} : { context: settings.cluster.context }),
    // The stack stands for one cluster: another kubeconfig for it (a new token, another address) replaces nothing.
    clusterIdentifier: `${settings.stack}/${clusterName}`,
    enableServerSideApply: true,
    enableConfigMapMutable: true,
  });

  const { builderAddress, dashboardUid } = workloads(
    {
      settings,
      names,
      builderImage: image,
      bucket: { name: bucketName, region: sourceBucket.region, endpoint },
      registryRoleArn: "",
    },
    { provider, dependsOn: [] },
  );

  return {
    clusterName,
    registry: names.registry,
    repositories: { cache: names.cachePrefix, functions: names.functionsPrefix, builder: names.builder },
    sourceBucket: bucketName,
    builderAddress,
    dashboardUid,
  };
}

/** The settings' rules have seen to it that `target: cluster` names these. */
function needed<Key extends string>(values: Record<Key, string | undefined>): Record<Key, string> {
  const missing = Object.entries(values).filter(([, value]) => value === undefined);
  if (missing.length > 0)
    throw new Error(
      `target cluster without ${missing.map(([key]) => key).join(", ")} passed the settings' rules`,
    );
  return values as Record<Key, string>;
}
