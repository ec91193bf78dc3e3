import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readImageReference } from "../../settings";
import { dockerLogin, resolveDigest } from "../registry";

/** The base that builder/Dockerfile names. */
export function dockerfileBase(projectFolder: string): string {
  const dockerfile = readFileSync(join(projectFolder, "builder", "Dockerfile"), "utf8");
  const base = /^ARG BASE=(\S+)$/m.exec(dockerfile)?.[1];
  if (base === undefined) throw new Error("builder/Dockerfile names no BASE");
  return base;
}

/**
 * The base by its digest, so that what is built, and what the bill of materials says, is one image and no tag that moves. A base whose registry doesn't answer
 * stays as it is named.
 * @param say told of it in one line
 */
export async function pinnedBase(
  base: string,
  insecure: boolean,
  say: (line: string) => void,
  resolve: typeof resolveDigest = resolveDigest,
): Promise<string> {
  const reference = readImageReference(base);
  if (typeof reference === "string") throw new Error(`the base ${base} ${reference}`);
  const { registry, repository, digest } = reference;
  try {
    const found = digest ?? (await resolve(reference, { insecure, login: dockerLogin(registry) }));
    return `${registry}/${repository}@${found}`;
  } catch (error) {
    say(`the base ${base} is not held by a digest: ${(error as Error).message}`);
    return base;
  }
}
