import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

interface StorageClass {
  provisioner: string;
  parameters: Record<string, string>;
}

export const storageEncrypted = resourcePolicy<StorageClass>(
  {
    name: "storage-encrypted",
    severity: "high",
    description: "Volumes of EBS are encrypted.",
    remediation: 'Set parameters.encrypted of the StorageClass to "true".',
    blind: "StorageClasses that EKS or a chart makes.",
  },
  [TYPES.storageClass],
  ({ props: { provisioner, parameters } }) =>
    /^ebs\.csi\./.test(provisioner ?? "") && parameters?.["encrypted"] !== "true"
      ? ['parameters.encrypted is not "true"; set it.']
      : [],
);
