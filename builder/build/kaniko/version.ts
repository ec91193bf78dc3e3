import { readImageReference } from "../../../settings/scalars/imageReference";
import { CACHEABLE_INSTRUCTIONS } from "../../../contract/metrics";
import { compareVersions } from "../dependencies/goMod";
import type { CacheableName } from "../dockerfile/instructions";

/** What a version of Kaniko understands and does. */
export interface KanikoFeatures {
  /** Stages that nothing needs are built unless `--skip-unused-stages` says otherwise. Later it is the default, and the flag deprecated. */
  skipUnusedStagesFlag: boolean;
  /** `--credential-helpers`. */
  credentialHelpers: boolean;
  /** `KANIKO_TELEMETRY_ENDPOINT`. */
  telemetry: boolean;
  /** `FF_KANIKO_…` variables to turn on. */
  flags: readonly string[];
  /** Instructions whose layers it caches. */
  cacheable: readonly CacheableName[];
}

/** What a version adds to those before it. */
interface Release {
  version: string;
  adds: Partial<Omit<KanikoFeatures, "flags">> & { flags?: readonly string[] };
}

/**
 * By version, from the source of each tag of osscontainertools/kaniko. 1.25 is the last version of which there is another fork
 * (chainguard-dev's), which knows less: an image of 1.25 is given what both understand. From 1.28 on the flags are the profiles `Preview` and
 * `BuildKit compatibility` of its README, without the one that acts on `--reproducible` alone, and two more:
 * `CACHE_PROBE_AFTER_MISS` looks further after the first miss, and `SCOPED_DOCKERIGNORE` mends a cache key.
 * `RESOLVE_CACHE_KEY`, `ROLLING_CACHE_KEY`, `HASH_DIR_FRAMING`, `SKIP_WRITE_WHITEOUTS` and `SCOPED_DOCKERIGNORE` mend cases in which
 * one build gets the layer of another: with a cache that several functions share they are no matter of taste.
 */
const RELEASES: readonly Release[] = [
  { version: "1.25.0", adds: {} },
  {
    version: "1.26.0",
    adds: { skipUnusedStagesFlag: false, credentialHelpers: true, cacheable: CACHEABLE_INSTRUCTIONS },
  },
  {
    version: "1.28.0",
    adds: {
      flags: [
        "CACHE_PROBE_AFTER_MISS",
        "COPY_AS_ROOT",
        "COPY_CHMOD_ON_IMPLICIT_DIRS",
        "INFER_CROSS_STAGE_CACHE_KEY",
        "RESOLVE_CACHE_KEY",
        "RUN_VIA_TINI",
        "SCOPED_DOCKERIGNORE",
        "SKIP_RELABEL_RECOMPRESS",
        "SKIP_WRITE_WHITEOUTS",
        "UNTAR_SKIP_ROOT",
      ],
    },
  },
  {
    version: "1.28.1",
    adds: {
      flags: [
        "EXPAND_HEREDOC",
        "HASH_DIR_FRAMING",
        "PRECOMPILE_DOCKERIGNORE",
        "ROLLING_CACHE_KEY",
        "RUN_HONOR_GROUP",
      ],
    },
  },
  { version: "1.28.2", adds: { telemetry: true, flags: ["CHOWN_ON_IMPLICIT_DIRS", "SKIP_CACHED_STAGES"] } },
  // A base that is kept for all stages can't be mounted where it came from: alone it turns a mount into an upload.
  { version: "1.28.3", adds: { flags: ["CROSS_REPO_MOUNT", "SHARED_BASE_CACHE"] } },
];

/** What every Kaniko understands. */
const COMMON: KanikoFeatures = {
  skipUnusedStagesFlag: true,
  credentialHelpers: false,
  telemetry: false,
  flags: [],
  cacheable: ["RUN", "COPY"],
};

/** @param version as in `1.28.3`; undefined where it is not known: only what every version understands is used */
export const kanikoFeatures = (version: string | undefined): KanikoFeatures =>
  RELEASES.filter(
    (release) => version !== undefined && compareVersions(release.version, version) <= 0,
  ).reduce(
    (features, { adds: { flags = [], ...rest } }) => ({
      ...features,
      ...rest,
      flags: [...features.flags, ...flags.map((flag) => `FF_KANIKO_${flag}`)].sort(),
    }),
    COMMON,
  );

/** The version in the tag of Kaniko's image, as in `kaniko:v1.28.3-debug@sha256:…`. */
export function kanikoVersion(image: string): string | undefined {
  const reference = readImageReference(image);
  return typeof reference === "string"
    ? undefined
    : /^v?(\d+\.\d+\.\d+)(?:-|$)/.exec(reference.tag ?? "")?.[1];
}
