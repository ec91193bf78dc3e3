import { z } from "zod";

/** A container image's reference, taken apart. `tag` or `digest` is there, or both. */
export interface ImageReference {
  /** Host, with its port: `ghcr.io`, `10.244.77.2:5000`. */
  registry: string;
  repository: string;
  tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest?: string;
}

const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;

/** Whether a text is a repository's path as registries take it: lower case, components joined by `/`. */
export const isRepositoryPath = (path: string): boolean =>
  path.length <= 255 && path.split("/").every((part) => COMPONENT.test(part));

/** Reads an image reference, or answers what is wrong with it. A reference without a registry is refused: what it means depends on who pulls it. */
export function readImageReference(text: string): ImageReference | string {
  const [beforeDigest = "", digest, ...more] = text.split("@");
  if (more.length > 0) return "has two digests";
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    return "has a digest that is not sha256: and 64 hexadecimal digits";
  const slash = beforeDigest.indexOf("/");
  const registry = beforeDigest.slice(0, Math.max(slash, 0));
  if (!/[.:]/.test(registry) && registry !== "localhost")
    return "names no registry; write it as in ghcr.io/owner/name:v1.2.3";
  const path = beforeDigest.slice(slash + 1);
  const colon = path.indexOf(":");
  const repository = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? undefined : path.slice(colon + 1);
  if (!isRepositoryPath(repository))
    return "has a repository that no registry takes (lower case, digits, '.', '_', '-', '/')";
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) return "has a tag that no registry takes";
  if (tag === undefined && digest === undefined)
    return "has neither tag nor digest; write an exact tag, then `npm run pin`";
  if (digest === undefined && /^(latest|stable|main|edge|nightly)$/.test(tag ?? ""))
    return `has the moving tag "${tag}"; write an exact tag, then \`npm run pin\``;
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** An image in a stack file: an exact tag, a digest, or both (what `npm run pin` writes). */
export const imageReference = () =>
  z
    .string({ error: "is not an image; write it as in ghcr.io/owner/name:v1.2.3" })
    .superRefine((value, context) => {
      const parsed = readImageReference(value);
      if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed });
    });
