import { PACKAGE_INDEX_SECRET, type PackageIndexes, readPackageIndexes } from "../build/packageIndexes";
import { ApiError } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { SECRETS } from "../kubernetes/resources";
import type { ReadSecret } from "../source/secret";
import { UserError } from "../types";

/** Reads Secrets that users name. */
export const secretReader =
  (client: KubernetesClient): ReadSecret =>
  async (namespace, name, signal) => {
    try {
      const secret = await client.get(SECRETS, { namespace, name }, { signal });
      if (!secret) return undefined;
      const decoded = Object.entries(secret.data ?? {}).map(
        ([key, text]) => [key, Buffer.from(text, "base64").toString()] as const,
      );
      return Object.fromEntries(decoded);
    } catch (error) {
      if (error instanceof ApiError && error.code === 403)
        throw new UserError(
          "SecretForbidden",
          `Secrets of namespace ${namespace} can't be read; have the namespace added to functions.namespaces`,
        );
      throw error;
    }
  };

/** The package indexes of a namespace; none where it has no such Secret, or none that may be read. */
export async function packageIndexes(
  read: ReadSecret,
  namespace: string,
  signal: AbortSignal,
): Promise<PackageIndexes> {
  const data = await read(namespace, PACKAGE_INDEX_SECRET, signal).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  return readPackageIndexes(data);
}
