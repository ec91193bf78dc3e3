import { type ImageNames, pathIn } from "../../contract/imageNames";
import type { DockerConfig } from "./login";

/** Which build a credential is for. */
export interface Build {
  /** Namespace of the function: the credential's rights end at its repositories. */
  namespace: string;
  jobName: string;
}

/** What a build's pod is given for the registry. */
export interface BuildCredential {
  config: DockerConfig;
  /** When it ends by itself; undefined: not that anybody knows. */
  expiresAt: Date | undefined;
}

/** Makes a credential when a build asks for it. */
export type MintCredential = (build: Build, signal: AbortSignal) => Promise<BuildCredential>;

/** Where images lie, and who shares a cache. */
export interface RegistryLayout extends Pick<ImageNames, "registry" | "functionsPrefix" | "cachePrefix"> {
  cacheScope: "namespace" | "shared";
  /** Base images, with tag or digest. */
  baseImages: readonly string[];
}

export const functionsRepository = ({ functionsPrefix }: RegistryLayout, namespace: string): string =>
  `${functionsPrefix}/${namespace}`;

export const cacheRepository = ({ cachePrefix, cacheScope }: RegistryLayout, namespace: string): string =>
  cacheScope === "shared" ? cachePrefix : `${cachePrefix}/${namespace}`;

/** The repositories of the platform's registry that a build may use, as paths inside it. What lies in another registry is not the platform's to give. */
export function repositoriesOf(layout: RegistryLayout, namespace: string): { own: string[]; base: string[] } {
  const inside = (names: readonly string[]) =>
    [...new Set(names)].flatMap((name) => pathIn(layout.registry, name) ?? []);
  return {
    own: inside([functionsRepository(layout, namespace), cacheRepository(layout, namespace)]),
    base: inside(layout.baseImages.map((image) => image.replace(/@.*$/, "").replace(/:[^/:]*$/, ""))),
  };
}
