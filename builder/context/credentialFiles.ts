import { PACKAGE_INDEX_SECRET, readPackageIndexes } from "../build/packageIndexes";
import { ApiError } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { SECRETS } from "../kubernetes/resources";
import type { Build, MintCredential } from "../registry/buildCredential";

/** Name of the file that Kaniko reads its registry logins from. */
export const DOCKER_CONFIG_FILE = "config.json";

/** What a build finds in its credentials folder, by name. For no log, no trace and no context. */
export type CredentialFiles = Readonly<Record<string, string>>;

/** Makes them when a build asks. */
export type MakeCredentials = (build: Build, signal: AbortSignal) => Promise<CredentialFiles>;

/** The registry's login, minted for the build, and the namespace's own package indexes. */
export const credentialFiles =
  (kubernetes: KubernetesClient, mint: MintCredential): MakeCredentials =>
  async (build, signal) => {
    const [{ config }, indexes] = await Promise.all([
      mint(build, signal),
      packageIndexFiles(kubernetes, build.namespace, signal),
    ]);
    return { ...indexes, [DOCKER_CONFIG_FILE]: JSON.stringify(config) };
  };

/** The files of the Secret `package-indexes`; none where there is no such Secret, or none that the builder may read. */
async function packageIndexFiles(
  kubernetes: KubernetesClient,
  namespace: string,
  signal: AbortSignal,
): Promise<CredentialFiles> {
  const secret = await kubernetes
    .get(SECRETS, { namespace, name: PACKAGE_INDEX_SECRET }, { signal })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 403) return undefined;
      throw error;
    });
  const decoded = Object.entries(secret?.data ?? {}).map(([name, text]) => [
    name,
    Buffer.from(text, "base64").toString(),
  ]);
  return readPackageIndexes(Object.fromEntries(decoded) as Record<string, string>).files;
}
