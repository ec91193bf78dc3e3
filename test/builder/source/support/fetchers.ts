import { source } from "../../../../contract/function/source";
import { type SourceLimits } from "../../../../builder/source/limits";
import { type SecretData } from "../../../../builder/source/secret";
import {
  SourceFetcher,
  type SourceFetcherOptions,
  type SourceRequest,
} from "../../../../builder/source/sourceFetcher";
import { openStore } from "../../../../builder/source/store/objectStore";
import { type PlatformBucket } from "../../../../builder/source/store/platformBucket";
import { LIMITS } from "./trees";

export const PYTHON = { language: "python", handler: "main.handler" } as const;

/** A bucket on a loopback store. */
export const bucketAt = (url: string, name = "platform"): PlatformBucket => ({
  client: openStore({
    region: "us-east-1",
    endpoint: url,
    pathStyle: true,
    credentials: { accessKeyId: "ours", secretAccessKey: "ours-secret" },
  }),
  name,
});

export interface FetcherOptions extends Partial<Omit<SourceFetcherOptions, "limits">> {
  limits?: Partial<SourceLimits>;
  /** Secrets by `namespace/name`. */
  secrets?: Record<string, SecretData>;
}

/** A fetcher that may reach the loopback, unless told otherwise. */
export const fetcherFor = (
  workFolder: string,
  { limits, secrets = {}, ...options }: FetcherOptions = {},
): SourceFetcher =>
  new SourceFetcher({
    workFolder,
    limits: { ...LIMITS, ...limits },
    internalHosts: ["127.0.0.1"],
    platformBucket: bucketAt("http://127.0.0.1:1"),
    readSecret: (namespace, name) => Promise.resolve(secrets[`${namespace}/${name}`]),
    ...options,
  });

/** A request for a source as a user writes it, with the API's defaults. */
export const requestFor = (
  given: Record<string, unknown>,
  more: Partial<SourceRequest> = {},
): SourceRequest => ({
  key: { namespace: "team-a", name: "parser-1" },
  source: source.parse(given),
  runtime: PYTHON,
  ...more,
});
