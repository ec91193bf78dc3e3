import type { Path } from "./schema";

/** The settings that name an image: what `npm run pin` resolves to digests. */
export const IMAGE_SETTINGS: readonly Path[] = [
  ["builderService", "image"],
  ["builderService", "kaniko", "image"],
  ["imageRepositories", "baseImages", "python"],
  ["imageRepositories", "baseImages", "nodejs"],
  ["imageRepositories", "baseImages", "pythonAlpine"],
  ["imageRepositories", "baseImages", "nodejsAlpine"],
  ["imageRepositories", "baseImages", "go"],
  ["imageRepositories", "baseImages", "goRuntime"],
];
