/**
 * What a stack answers, to whoever reads it with `pulumi stack output` or a StackReference. Names and meaning are a promise:
 * they may be added to, and are renamed only with the old one kept.
 */
export interface StackOutputs {
  /** Name of the EKS cluster, or of the context of an existing one. */
  clusterName: unknown;
  /** Kubeconfig of the cluster, as JSON. Secret. Absent on `target: cluster`. */
  kubeconfig?: unknown;
  /** Host of the registry. */
  registry: unknown;
  /** Prefixes and names of repositories in it. */
  repositories: {
    /** Layer caches; `/<namespace>` follows unless the cache is shared. */
    cache: unknown;
    /** Function images; `/<namespace>` follows. */
    functions: unknown;
    /** The builder's own image. */
    builder: unknown;
  };
  /** Bucket of sources: `<namespace>/<function>.tar.gz`. */
  sourceBucket: unknown;
  /** Host for uploads from outside the region; absent without Transfer Acceleration. */
  sourceBucketAccelerateEndpoint?: unknown;
  /** Address inside the cluster to which CloudEvents are sent. */
  builderAddress: unknown;
  /** Uid of the dashboard in Grafana: `/d/<uid>`. */
  dashboardUid: unknown;
}
