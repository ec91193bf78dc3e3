/** Inputs of the cluster that the component and EKS's own resource have under one name, and those that they name differently. */
export interface Cluster {
  version: string;
  authenticationMode: string;
  accessConfig: { authenticationMode?: string };
  enabledClusterLogTypes: string[];
  endpointPublicAccess: boolean;
  publicAccessCidrs: string[];
  vpcConfig: { endpointPublicAccess?: boolean; publicAccessCidrs?: string[] };
  encryptionConfigKeyArn: string;
  encryptionConfig: { provider?: { keyArn?: string } };
  upgradePolicy: { supportType?: string };
  autoMode: { enabled?: boolean };
}

/**
 * Whether the engine was told anything of a cluster. Its component is made by a provider of its own, which may register it without
 * inputs; what it is made of is judged then.
 */
export const isTold = (props: object): boolean => Object.keys(props).length > 0;
