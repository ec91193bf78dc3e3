import { CONTEXT_FOLDER, TERMINATION_LOG } from "../podPaths";
import type { Platform } from "../platform";
import type { KanikoFeatures } from "./version";

export interface KanikoOptions {
  /** Path of the Dockerfile in the context. */
  dockerfile: string;
  /** Repository and tag to push to. */
  destination: string;
  platform: Platform;
  buildArgs: Readonly<Record<string, string>>;
  cache: { repository: string; ttl: string; copyLayers: boolean } | undefined;
  compressedCaching: boolean;
  snapshotMode: "redo" | "full" | "time";
  useNewRun: boolean;
  /** How often a failed push, pull or unpacking is repeated. */
  retries: number;
  /** Hosts of registries that speak plain HTTP. */
  insecureRegistries: readonly string[];
  /** Where traces go, by OTLP over HTTP. Build pods must be let out to it. */
  telemetryEndpoint?: string | undefined;
}

export interface KanikoCommand {
  args: string[];
  env: Record<string, string>;
}

/** Kaniko's command line and variables, of which its version knows every one. */
export function kanikoCommand(options: KanikoOptions, features: KanikoFeatures): KanikoCommand {
  const { cache, retries, telemetryEndpoint } = options;
  const flag = (name: string, value: string | number | boolean): string => `--${name}=${value}`;
  return {
    args: [
      flag("context", `dir://${CONTEXT_FOLDER}`),
      flag("dockerfile", options.dockerfile),
      flag("destination", options.destination),
      flag("custom-platform", options.platform),
      ...Object.entries(options.buildArgs).map(([name, value]) => flag("build-arg", `${name}=${value}`)),
      flag("cache", cache !== undefined),
      ...(cache === undefined
        ? []
        : [
            flag("cache-repo", cache.repository),
            flag("cache-ttl", cache.ttl),
            flag("cache-copy-layers", cache.copyLayers),
            flag("cache-run-layers", true),
          ]),
      flag("compressed-caching", options.compressedCaching),
      flag("snapshot-mode", options.snapshotMode),
      ...(options.useNewRun ? [flag("use-new-run", true)] : []),
      ...(features.skipUnusedStagesFlag ? [flag("skip-unused-stages", true)] : []),
      flag("push-retry", retries),
      flag("image-download-retry", retries),
      flag("image-fs-extract-retry", retries),
      // Another build of the same inputs was faster: what it pushed is as good, and is what the registry is asked for afterwards.
      flag("push-ignore-immutable-tag-errors", true),
      flag("digest-file", TERMINATION_LOG),
      flag("log-format", "json"),
      // The credential lies in config.json. Helpers would look for a cloud's identity, which the pod must not have.
      ...(features.credentialHelpers ? [flag("credential-helpers", "")] : []),
      ...options.insecureRegistries.map((host) => flag("insecure-registry", host)),
    ],
    env: {
      ...Object.fromEntries(features.flags.map((name) => [name, "true"])),
      ...(features.telemetry && telemetryEndpoint !== undefined
        ? { KANIKO_TELEMETRY_ENDPOINT: telemetryEndpoint, KANIKO_TELEMETRY_OMIT_DOCKERFILE: "true" }
        : {}),
    },
  };
}
