import type { Environment } from "../contract/environment";
import type { RegistryLayout } from "./registry/buildCredential";

/** Where the stack's images lie. */
export const registryLayout = (environment: Environment): RegistryLayout => ({
  registry: environment.REGISTRY,
  functionsPrefix: environment.FUNCTIONS_REPO,
  cachePrefix: environment.KANIKO_CACHE_REPO,
  cacheScope: environment.KANIKO_CACHE_SCOPE,
  baseImages: [
    environment.BASE_IMAGE_PYTHON,
    environment.BASE_IMAGE_NODEJS,
    environment.BASE_IMAGE_GO,
    environment.BASE_IMAGE_GO_RUNTIME,
    ...[environment.BASE_IMAGE_PYTHON_ALPINE, environment.BASE_IMAGE_NODEJS_ALPINE].filter(
      (image) => image !== undefined,
    ),
  ],
});
