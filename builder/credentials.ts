import { ECRClient } from "@aws-sdk/client-ecr";
import { STSClient } from "@aws-sdk/client-sts";
import type { Environment } from "../contract/environment";
import type { KubernetesClient } from "./kubernetes/client";
import type { MintCredential } from "./registry/buildCredential";
import { ecrLoginSource } from "./registry/ecr/ecrLogin";
import { readEcrHost } from "./registry/ecr/ecrHost";
import { mintEcrCredential } from "./registry/ecr/mintEcrCredential";
import { untagEcr } from "./registry/ecr/untagEcr";
import type { Untag } from "./reconcile/rollout";
import type { LoginSource } from "./registry/login";
import { registryLayout } from "./registryLayout";
import { mintFromSecret, namespaceLogin } from "./registry/namespaceSecret";

export interface RegistryCredentials {
  /** The builder's own, for the repositories of a namespace. */
  login: (namespace: string) => LoginSource;
  /** A build's. */
  mint: MintCredential;
  /** Takes a tag off where the distribution API can't; undefined where it can. */
  untag: Untag | undefined;
}

/** On ECR by the pod's identity and the role of builds; elsewhere from the namespace's Secret. */
export function registryCredentials(
  environment: Environment,
  kubernetes: KubernetesClient,
): RegistryCredentials {
  const { REGISTRY, REGISTRY_ROLE_ARN, AWS_REGION } = environment;
  const ecr = readEcrHost(REGISTRY);
  if (ecr === undefined || REGISTRY_ROLE_ARN === undefined)
    return {
      login: (namespace) => namespaceLogin(kubernetes, namespace, REGISTRY),
      mint: mintFromSecret(kubernetes),
      untag: undefined,
    };
  const { region } = ecr;
  const ownEcr = new ECRClient({ region });
  const own = ecrLoginSource(ownEcr);
  return {
    login: () => own,
    untag: (_namespace, repository, tag, signal) =>
      untagEcr(ownEcr, { account: ecr.account, repository, tag }, signal),
    mint: mintEcrCredential({
      sts: new STSClient({ region: AWS_REGION }),
      ecrFor: (credentials) => new ECRClient({ region, credentials }),
      roleArn: REGISTRY_ROLE_ARN,
      layout: registryLayout(environment),
      ecr,
    }),
  };
}
