import type { ecr } from "@pulumi/aws";
import type { Tags } from "../../contract/labels";
import { LIVE_TAG_PREFIX } from "../../contract/names";
import { type Duration, expiryDays } from "../../settings";
import { expireByAge, keepLiveImages, keepReleases } from "./lifecycle";

/** What every repository of one kind has, whether it is made here or by ECR from a template. */
export interface Kind {
  mutability: Pick<ecr.RepositoryArgs, "imageTagMutability" | "imageTagMutabilityExclusionFilters">;
  scanOnPush: boolean;
  lifecycle: string;
  protect: boolean;
  tags: Tags;
}

export interface KindsArgs {
  retentionDays: number;
  cacheExpiryDays?: number | undefined;
  cacheTTL: Duration;
  protect: boolean;
  tags: Tags;
}

/** Days that a base image is kept after it was fetched. The next pull fetches it again, by the same digest. */
const BASE_IMAGE_DAYS = 30;

/** The kinds of repositories. `protect` is for images that nothing makes again: a cache is filled anew by the next builds. */
export const kinds = ({ retentionDays, cacheExpiryDays, cacheTTL, protect, tags }: KindsArgs) =>
  ({
    cache: {
      // Kaniko writes a layer that has expired under its old tag again.
      mutability: { imageTagMutability: "MUTABLE" },
      scanOnPush: false,
      lifecycle: expireByAge(cacheExpiryDays ?? expiryDays(cacheTTL)),
      protect: false,
      tags: { ...tags, purpose: "cache" },
    },
    functions: {
      mutability: {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        // They say what runs at present, so they move.
        imageTagMutabilityExclusionFilters: [{ filter: `${LIVE_TAG_PREFIX}*`, filterType: "WILDCARD" }],
      },
      scanOnPush: true,
      lifecycle: keepLiveImages(retentionDays),
      protect,
      tags: { ...tags, purpose: "functions" },
    },
    builder: {
      mutability: { imageTagMutability: "IMMUTABLE" },
      scanOnPush: true,
      lifecycle: keepReleases(),
      protect,
      tags: { ...tags, purpose: "builder" },
    },
    baseImages: {
      // Upstream moves its tags; what is built from is named by digest.
      mutability: { imageTagMutability: "MUTABLE" },
      scanOnPush: false,
      lifecycle: expireByAge(BASE_IMAGE_DAYS),
      protect: false,
      tags: { ...tags, purpose: "base-images" },
    },
  }) satisfies Record<string, Kind>;
