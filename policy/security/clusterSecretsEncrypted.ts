import { type Cluster, isTold } from "../kit/cluster";
import { resourcePolicy } from "../kit/resourcePolicy";
import { CLUSTERS, TYPES } from "../kit/types";

export const clusterSecretsEncrypted = resourcePolicy<Cluster>(
  {
    name: "cluster-secrets-encrypted",
    severity: "high",
    description: "The cluster's Secrets are encrypted with a key of the account's own.",
    remediation: "Give the cluster the ARN of a KMS key: encryptionConfigKeyArn.",
    blind: "The key's ARN before the key is made: on a stack's first preview this is an advisory.",
  },
  CLUSTERS,
  ({ type, props }) => {
    if (!isTold(props)) return [];
    const key =
      type === TYPES.clusterComponent
        ? props.encryptionConfigKeyArn
        : props.encryptionConfig?.provider?.keyArn;
    return (key ?? "") === "" ? ["encryptionConfigKeyArn names no key; give it one."] : [];
  },
);
