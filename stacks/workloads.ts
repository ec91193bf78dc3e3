import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Builder, environmentOf, scratchSpace } from "../components/builder";
import { BuildNamespace } from "../components/buildNamespace";
import { BuildQueue } from "../components/buildQueue";
import { ClusterAddons } from "../components/clusterAddons";
import { Knative } from "../components/knative";
import { Monitoring } from "../components/monitoring";
import { baseRegistries } from "../components/registryHosts";
import { PerformanceDashboard } from "../components/performanceDashboard";
import type { Placement } from "../components/buildNodes";
import type { ImageNames } from "../contract/imageNames";
import { buildQuota } from "../estimate/buildQuota";
import { dashboardArgs } from "../observability/dashboardArgs";
import type { Settings } from "../settings";

/** What the two targets tell the part that is the same on both. */
export interface WorkloadsArgs {
  settings: Settings;
  names: ImageNames;
  /** The builder's image. */
  builderImage: string;
  bucket: {
    name: pulumi.Input<string>;
    region: string;
    /** S3-compatible endpoint; "" on AWS. */
    endpoint: string;
    /** Host for uploads from outside the region. */
    accelerateEndpoint?: pulumi.Output<string | undefined>;
  };
  /** Role that is assumed for a build's registry credential; "" outside AWS. */
  registryRoleArn: pulumi.Input<string>;
  /** What EKS Auto Mode brings, and only it. Absent on any other cluster. */
  autoMode?: {
    /** Nodes that are for builds alone. */
    placement: Placement;
    /** Address block of the VPC. */
    cidr: string;
    /** Hosts from which the registry serves layers. */
    layerHosts: readonly string[];
  };
}

/** Everything on the cluster, whichever it is. Read from top to bottom: each part waits for those that it names. */
export function workloads(
  { settings, names, builderImage, bucket, registryRoleArn, autoMode }: WorkloadsArgs,
  { provider, dependsOn }: { provider: k8s.Provider; dependsOn: pulumi.Resource[] },
): { builderAddress: pulumi.Output<string>; dashboardUid: string } {
  const {
    builderService,
    buildQueue,
    cluster,
    functions,
    imageRepositories,
    knative,
    monitoring,
    platform,
    protect,
    sources,
  } = settings;
  const { kaniko, autoscaling, eventSenders } = builderService;
  const onAutoMode = autoMode !== undefined;
  const after = (...resources: pulumi.Resource[]): pulumi.ComponentResourceOptions => ({
    provider,
    dependsOn: [...dependsOn, ...resources],
  });

  const addons = new ClusterAddons(
    "addons",
    { metricsServer: cluster.metricsServer, autoMode: onAutoMode },
    after(),
  );

  const metrics = new Monitoring(
    "monitoring",
    {
      ...monitoring,
      environment: settings.stack,
      storageClassName: addons.storageClassName,
      autoMode: onAutoMode,
    },
    after(addons),
  );

  const queue = new BuildQueue(
    "build-queue",
    {
      ...buildQueue,
      quota: buildQuota({
        kanikoJobLimit: builderService.kanikoJobLimit,
        requests: kaniko.resources.requests,
        ...(onAutoMode ? { poolLimits: settings.buildNodes.limits } : {}),
      }),
      placement: autoMode?.placement,
      monitoring: { release: metrics.release, ready: metrics.ready },
    },
    after(metrics),
  );

  const serving = new Knative(
    "knative",
    {
      ...knative,
      autoMode: onAutoMode,
      monitoring: { release: metrics.release, ready: metrics.ready },
    },
    after(metrics),
  );

  const builds = new BuildNamespace(
    "builds",
    {
      diskLimit: kaniko.resources.limits["ephemeral-storage"],
      packageIndexes: sources.packageIndexes,
      registry: names.registry,
      insecureRegistry: imageRepositories.insecure,
      layerHosts: autoMode?.layerHosts ?? [],
      baseRegistries: baseRegistries(names),
      domainPolicies: onAutoMode,
      internalCidr: autoMode?.cidr,
      protect,
    },
    // Builds and functions in it are Kueue's and Knative's to let go of: those leave after it.
    after(queue, serving),
  );

  const builder = new Builder(
    "builder",
    {
      image: builderImage,
      replicas: builderService.replicas,
      autoscaling,
      resources: builderService.resources,
      architecture: platform.architecture,
      environment: environmentOf({
        settings,
        names,
        builderImage,
        bucket,
        registryRoleArn,
        buildNodes: onAutoMode,
      }),
      scratchSpace: scratchSpace(sources),
      credentialsSecret: settings.sourceBucket.secretRef,
      functionNamespaces: functions.namespaces,
      buildNamespace: builds.namespace,
      eventSenders,
      network: {
        podIdentity: onAutoMode,
        apiServerPort: onAutoMode ? 443 : 6443,
        services: [
          ...(onAutoMode
            ? []
            : [
                { address: names.registry, insecure: imageRepositories.insecure },
                { address: bucket.endpoint },
              ]),
          // It asks them which digest a base image's tag stands for.
          ...baseRegistries(names).map((address) => ({ address })),
          ...(monitoring.traces === undefined ? [] : [{ address: monitoring.traces }]),
        ],
        internalSources: sources.internalHosts.length > 0,
        internalCidr: autoMode?.cidr,
      },
      monitoring: { namespace: metrics.namespace, release: metrics.release },
      protect,
    },
    after(addons, metrics, queue, serving, builds),
  );

  const dashboard = new PerformanceDashboard(
    "dashboard",
    { namespace: metrics.namespace, release: metrics.release, ...dashboardArgs(settings) },
    after(metrics),
  );

  return { builderAddress: builder.address, dashboardUid: dashboard.uid };
}
