import type { Samples } from "./promtool";

/** Long enough for the longest of the windows and what comes after. */
const END = 6_000;

/** A counter that rises by `each` a minute for so many minutes, and then no more. */
export const rising = (each: number, minutes = END): string =>
  `0+${each}x${minutes} ${each * minutes}x${Math.max(1, END - minutes)}`;

/** A counter that rises by 1 at each of these minutes. */
export const risingAt = (...minutes: number[]): string => {
  const parts = minutes.map((minute, index) => {
    const before = index === 0 ? 0 : (minutes[index - 1] ?? 0);
    return `${index}x${minute - before - 1}`;
  });
  return [...parts, `${minutes.length}x300`].join(" ");
};

/** A value that stays for so many minutes, and is another after. */
export const during = (minutes: number, value: number, after: number | "_" = "_"): string =>
  `${value}x${minutes} ${after}x200`;

/** A histogram that observes so many a minute up to `target`, and so many up to `slow`. */
export function observed(
  name: string,
  { target, slow }: { target: [bound: string, each: number]; slow: [bound: string, each: number] },
  minutes = END,
): Samples {
  const bucket = (le: string) => `${name}_bucket{function_namespace="a",le="${le}"}`;
  const all = target[1] + slow[1];
  return {
    [bucket(target[0])]: rising(target[1], minutes),
    [bucket(slow[0])]: rising(all, minutes),
    [bucket("+Inf")]: rising(all, minutes),
    [`${name}_count{function_namespace="a"}`]: rising(all, minutes),
  };
}

export const buildTimes = (withinTarget: number, slow: number, minutes?: number): Samples =>
  observed("build_duration_seconds", { target: ["60", withinTarget], slow: ["90", slow] }, minutes);
export const coldStarts = (withinTarget: number, slow: number, minutes?: number): Samples =>
  observed(
    "function_cold_start_duration_seconds",
    { target: ["3", withinTarget], slow: ["4", slow] },
    minutes,
  );

export const builds = (result: string, values: string): Samples => ({
  [`builds_total{function_namespace="a",strategy="kaniko",result="${result}"}`]: values,
});
export const requests = (code: string, values: string, to = "a/parser-00001"): Samples => ({
  [`envoy_cluster_upstream_rq{envoy_cluster_name="${to}",envoy_response_code="${code}"}`]: values,
});
export const cache = (hits: number, all: number, minutes?: number): Samples => ({
  kaniko_cache_hits_total: rising(hits, minutes),
  kaniko_cache_requests_total: rising(all, minutes),
});
export const memory = (pod: string, bytes: number): Samples => ({
  [`container_memory_working_set_bytes{namespace="knative-lambda",container="kaniko",pod="${pod}"}`]: `${bytes}x90`,
});
export const image = (values: string): Samples => ({
  'function_image_size_bytes{function_namespace="a",function="parser"}': values,
});

export const queued = (values: string): Samples => ({ 'builds_queued{function_namespace="a"}': values });
export const running = (values: string): Samples => ({
  'builds_running{function_namespace="a",strategy="kaniko"}': values,
});
const ofQueue = 'cluster_queue="kaniko-builds",replica_role="leader"';
export const admitted = (values: string): Samples => ({
  [`kueue_admitted_workloads_total{${ofQueue}}`]: values,
});
export const quota = (resource: string, use: string, most: string): Samples => ({
  [`kueue_cluster_queue_resource_usage{${ofQueue},resource="${resource}"}`]: use,
  [`kueue_cluster_queue_nominal_quota{${ofQueue},resource="${resource}"}`]: most,
});

const ofBuilder = 'namespace="knative-lambda-system"';
export const up = (pod: string, values: string): Samples => ({
  [`up{${ofBuilder},job="knative-lambda-builder",pod="${pod}"}`]: values,
});
export const replicas = (wanted: string, available: string): Samples => ({
  [`kube_deployment_spec_replicas{${ofBuilder},deployment="knative-lambda-builder"}`]: wanted,
  [`kube_deployment_status_replicas_available{${ofBuilder},deployment="knative-lambda-builder"}`]: available,
});
export const throttled = (by: string, values: string): Samples => ({
  [`registry_throttled_total{seen_by="${by}"}`]: values,
});
export const silence = (resource: string, values: string): Samples => ({
  [`watch_silent_seconds{resource="${resource}"}`]: values,
});
export const builtAnew = (past: string, refreshed: string, failed: string): Samples => ({
  'functions_by_refresh{standing="past"}': past,
  'functions_by_refresh{standing="refreshed"}': refreshed,
  'functions_by_refresh{standing="failed"}': failed,
});
export const ends = (credential: string, values: string): Samples => ({
  [`credential_expires_timestamp_seconds{credential="${credential}"}`]: values,
});

const always = (value: number): string => `${value}x${END}`;

/** A platform that is there, with or without anything to do. */
const standing = (each: number, waiting: number): Samples => ({
  ...buildTimes(each, 0),
  ...coldStarts(each, 0),
  ...builds("succeeded", rising(each)),
  ...builds("user_error", rising(each / 2)),
  ...builds("platform_error", always(0)),
  ...builds("timed_out", always(0)),
  ...requests("200", rising(50 * each)),
  ...requests("500", rising(5 * each)),
  ...requests("503", always(0)),
  ...cache(3 * each, 4 * each),
  ...queued(always(waiting)),
  ...running(always(waiting)),
  ...admitted(rising(each)),
  ...quota("pods", always(waiting), always(100)),
  ...quota("memory", always(waiting * 2e9), always(200e9)),
  ...image(always(320e6)),
  ...up("one", always(1)),
  ...up("two", always(1)),
  ...replicas(always(2), always(2)),
  ...throttled("builder", always(0)),
  ...throttled("build", always(0)),
  ...silence("functions", always(50)),
  ...silence("jobs", always(0)),
  ...builtAnew(always(0), always(40 * each), always(0)),
  ...ends("api_server_token", `3600+60x${END}`),
  ...ends("api_server_certificate", always(31_536_000)),
});

/** As things should be: all at work, every target met. */
export const healthy: Samples = { ...standing(1, 20), ...memory("build-a-1-aaaaa", 1.2 * 1024 ** 3) };
/** Nothing to do, for days. */
export const idle: Samples = standing(0, 0);
