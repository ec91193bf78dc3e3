import { REGISTRY_SECRET } from "../../contract/names";
import { ApiError } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { SECRETS } from "../kubernetes/resources";
import { UserError } from "../types";
import type { MintCredential } from "./buildCredential";
import { type DockerConfig, type Login, loginOf, type LoginSource, noLogin, readDockerConfig } from "./login";

/**
 * The registry logins of a namespace, from its Secret `knative-lambda-registry` (type `kubernetes.io/dockerconfigjson`). None where there is no such Secret, or
 * where the builder may read none in that namespace.
 * @throws UserError where the Secret holds something else
 */
export async function namespaceLogins(
  kubernetes: KubernetesClient,
  namespace: string,
  signal?: AbortSignal,
): Promise<DockerConfig> {
  const secret = await kubernetes
    .get(SECRETS, { namespace, name: REGISTRY_SECRET }, { signal })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 403) return undefined;
      throw error;
    });
  if (!secret) return noLogin;
  const text = Buffer.from(secret.data?.[".dockerconfigjson"] ?? "", "base64").toString();
  const config = readDockerConfig(text);
  if (!config)
    throw new UserError(
      "RegistrySecretInvalid",
      `Secret ${namespace}/${REGISTRY_SECRET} holds no logins; make it with kubectl create secret docker-registry`,
    );
  return config;
}

/** A login is asked for at each use of the registry, and the Secret is not read as often. */
const KEPT_MS = 60_000;

/** The builder's login for a namespace's repositories outside AWS: the namespace's own. Another Secret is known within a minute, and at once where the login was refused. */
export function namespaceLogin(
  kubernetes: KubernetesClient,
  namespace: string,
  registry: string,
  now: () => number = () => performance.now(),
): LoginSource {
  let kept: { login: Login | undefined; until: number } | undefined;
  return async ({ renew, signal }) => {
    if (!renew && kept !== undefined && kept.until > now()) return kept.login;
    const login = loginOf(await namespaceLogins(kubernetes, namespace, signal), registry);
    kept = { login, until: now() + KEPT_MS };
    return login;
  };
}

/** A build's credential outside AWS: what the namespace's Secret has, which its users gave and may read anyway. */
export const mintFromSecret =
  (kubernetes: KubernetesClient): MintCredential =>
  async ({ namespace }, signal) => ({
    config: await namespaceLogins(kubernetes, namespace, signal),
    expiresAt: undefined,
  });
