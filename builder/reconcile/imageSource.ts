import type { FunctionSource } from "../../contract/function/source";
import { isRepositoryPath } from "../../settings/scalars/imageReference";
import type { Registries } from "../registry/registries";
import { UserError } from "../types";

/**
 * The image that a source of type `image` names: by digest where it has one or where it lies in the platform's own registry; else by its tag,
 * which Knative resolves when it makes a revision, with the pull secrets of the function's namespace.
 */
export async function imageOf(
  source: NonNullable<FunctionSource["image"]>,
  {
    registries,
    registry,
    namespace,
    signal,
  }: { registries: Registries; registry: string; namespace: string; signal: AbortSignal },
): Promise<{ image: string; digest: string | undefined }> {
  const { repository, digest } = source;
  const tag = source.tag === "" ? "latest" : source.tag;
  const field = "spec.source.image.repository";
  if (!/^[a-z0-9][\w.:/-]*$/i.test(repository) || repository.includes("@"))
    throw new UserError(
      "ImageInvalid",
      "the repository is no image's name; write it as in ghcr.io/owner/name",
      field,
    );
  if (digest !== undefined && digest !== "") {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest))
      throw new UserError(
        "ImageInvalid",
        "the digest is none; write it as in sha256:…",
        "spec.source.image.digest",
      );
    return { image: `${repository}@${digest}`, digest };
  }
  if (!/^\w[\w.-]{0,127}$/.test(tag))
    throw new UserError("ImageInvalid", "the tag is none that a registry takes", "spec.source.image.tag");
  const own = `${registry}/`;
  const path = repository.slice(own.length);
  if (!repository.startsWith(own) || !isRepositoryPath(path))
    return { image: `${repository}:${tag}`, digest: undefined };
  const found = await registries.platform(namespace).manifest(path, tag, { signal });
  if (!found)
    throw new UserError("ImageNotFound", `the registry has no ${repository}:${tag}`, "spec.source.image.tag");
  return { image: `${repository}@${found.digest}`, digest: found.digest };
}
