import { METRICS } from "../../contract/metrics";

/** Seconds between samples. */
const STEP = 60;

/** Numbers that look like chance and are the same each time. */
function chance(): () => number {
  let state = 20_261;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

type Labels = Record<string, string>;
const key = (name: string, labels: Labels): string =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;

/** Samples of a platform at work, as Prometheus would have scraped them: made up, from the contract's metrics and those of others. */
class Past {
  private readonly counters = new Map<string, number>();
  private readonly lines = new Map<string, string[]>();

  count(name: string, labels: Labels, amount = 1): void {
    const series = key(name, labels);
    this.counters.set(series, (this.counters.get(series) ?? 0) + amount);
  }

  observe(name: string, bounds: readonly number[], labels: Labels, value: number): void {
    for (const bound of [...bounds, Infinity])
      this.count(
        `${name}_bucket`,
        { ...labels, le: bound === Infinity ? "+Inf" : String(bound) },
        value <= bound ? 1 : 0,
      );
    this.count(`${name}_count`, labels);
    this.count(`${name}_sum`, labels, value);
  }

  gauge(name: string, labels: Labels, value: number, at: number): void {
    const series = key(name, labels);
    this.lines.set(series, [...(this.lines.get(series) ?? []), `${series} ${value} ${at}`]);
  }

  scrape(at: number): void {
    for (const [series, value] of this.counters)
      this.lines.set(series, [...(this.lines.get(series) ?? []), `${series} ${value} ${at}`]);
  }

  /** In OpenMetrics' text: each family's samples together, without types, which the reader would hold names to. */
  text(): string {
    const families = new Map<string, string[]>();
    for (const [series, lines] of [...this.lines].sort(([a], [b]) => (a < b ? -1 : 1)))
      families.set(series.split("{")[0] ?? "", [
        ...(families.get(series.split("{")[0] ?? "") ?? []),
        ...lines,
      ]);
    return `${[...families.values()].flat().join("\n")}\n# EOF\n`;
  }
}

const NAMESPACES = ["payments", "search"];
const FUNCTIONS = ["parser-1", "parser-2", "thumbnails", "invoices", "index"];

/**
 * Some hours of a platform at work, up to `to`: made up, so that every panel has something to show where no platform runs.
 * @returns OpenMetrics' text
 */
export function simulatedHours(to: number, hours: number): string {
  const random = chance();
  const past = new Past();
  const queue = { cluster_queue: "kaniko-builds", replica_role: "leader" };
  const system = { namespace: "knative-lambda-system" };
  for (let at = to - hours * 3600; at <= to; at += STEP) {
    const share = 1 - (to - at) / (hours * 3600);
    const busy = 0.5 + 0.5 * Math.sin(share * 9);
    const running = Math.round(4 + 40 * busy * busy);
    const waiting = busy > 0.95 ? Math.round(30 * random()) : 0;
    for (const function_namespace of NAMESPACES) {
      const builds = Math.round(running / 10);
      for (let build = 0; build < builds; build += 1) oneBuild(past, function_namespace, random);
      if (random() < 0.3)
        past.count("builds_total", { function_namespace, strategy: "reuse", result: "succeeded" });
      if (random() < 0.1)
        past.count("builds_total", { function_namespace, strategy: "kaniko", result: "user_error" });
      past.count(
        "builds_total",
        { function_namespace, strategy: "kaniko", result: "platform_error" },
        random() < 0.01 ? 1 : 0,
      );
      past.gauge("builds_running", { function_namespace, strategy: "kaniko" }, Math.round(running / 2), at);
      past.gauge("builds_queued", { function_namespace }, Math.round(waiting / 2), at);
      past.gauge("keep_alive_pods", { function_namespace }, 2, at);
      past.gauge("kaniko_cache_size_bytes", { function_namespace }, 6e9 + 5e9 * share, at);
      past.observe(
        "function_cold_start_duration_seconds",
        METRICS.function_cold_start_duration_seconds.buckets,
        { function_namespace },
        0.6 + 1.8 * random() ** 2 + (random() < 0.02 ? 2 : 0),
      );
      for (const [code, each] of [
        ["200", 900],
        ["500", 3],
      ] as const)
        past.count(
          "envoy_cluster_upstream_rq",
          { envoy_cluster_name: `${function_namespace}/parser-1-00001`, envoy_response_code: code },
          Math.round(each * (0.5 + busy)),
        );
      past.count(
        "envoy_cluster_upstream_rq",
        { envoy_cluster_name: `${function_namespace}/parser-1-00001`, envoy_response_code: "503" },
        random() < 0.2 ? 1 : 0,
      );
      FUNCTIONS.forEach((name, index) => {
        const labels = { function_namespace, function: name };
        past.gauge("function_image_size_bytes", labels, (160 + 40 * index) * 1e6, at);
        past.gauge("function_last_build_duration_seconds", labels, 14 + 7 * index, at);
        past.gauge(
          "kn_revision_pods_count",
          {
            k8s_namespace_name: function_namespace,
            kn_service_name: name,
            kn_revision_name: `${name}-00001`,
          },
          Math.round(1 + 3 * busy),
          at,
        );
        for (let call = 0; call < 3; call += 1)
          past.observe(
            "kn_serving_invocation_duration_seconds",
            [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
            {
              namespace: function_namespace,
              serving_knative_dev_service: name,
              http_response_status_code: "200",
            },
            0.02 * (index + 1) * (0.5 + random()),
          );
      });
    }
    for (let build = 0; build < Math.min(running, 6); build += 1) {
      const container = {
        namespace: "knative-lambda",
        container: "kaniko",
        pod: `build-parser-${build}-3f9a1c07bd-x7k2p`,
      };
      past.count("container_cpu_usage_seconds_total", container, STEP * (0.5 + 0.9 * random()));
      past.gauge("container_memory_working_set_bytes", container, (0.8 + 0.5 * random()) * 1024 ** 3, at);
      past.gauge(
        "kube_job_status_active",
        { namespace: "knative-lambda", job_name: `build-parser-${build}-3f9a1c07bd` },
        running / 6,
        at,
      );
    }
    for (const pod of ["knative-lambda-builder-a", "knative-lambda-builder-b"]) {
      const container = { ...system, container: "builder", pod };
      past.count("container_cpu_usage_seconds_total", container, STEP * (0.2 + 0.6 * busy));
      past.gauge("kube_pod_container_resource_requests", { ...container, resource: "cpu" }, 1, at);
      past.gauge("up", { ...system, job: "knative-lambda-builder", pod }, 1, at);
    }
    const scaler = { ...system, horizontalpodautoscaler: "knative-lambda-builder" };
    past.gauge("kube_horizontalpodautoscaler_status_current_replicas", scaler, busy > 0.8 ? 3 : 2, at);
    past.gauge("kube_horizontalpodautoscaler_status_desired_replicas", scaler, busy > 0.8 ? 3 : 2, at);
    past.gauge("kube_horizontalpodautoscaler_spec_max_replicas", scaler, 10, at);
    for (const resource of ["functions", "jobs", "pods", "services", "serving_pods"])
      past.gauge("watch_silent_seconds", { resource }, 45 * random(), at);
    for (const [standing, functions] of [
      ["past", 0],
      ["refreshed", 40],
      ["failed", 1],
    ] as const)
      past.gauge("functions_by_refresh", { standing }, functions, at);
    past.count("registry_throttled_total", { seen_by: "builder" }, random() < 0.02 ? 1 : 0);
    past.count("registry_throttled_total", { seen_by: "build" }, 0);
    past.gauge("kueue_admitted_active_workloads", queue, running, at);
    past.gauge("kueue_pending_workloads", { ...queue, status: "active" }, waiting, at);
    past.gauge("kueue_pending_workloads", { ...queue, status: "inadmissible" }, 0, at);
    for (const [resource, each, most] of [
      ["pods", 1, 100],
      ["cpu", 1, 100],
      ["memory", 2 * 1024 ** 3, 200 * 1024 ** 3],
    ] as const) {
      past.gauge("kueue_cluster_queue_resource_usage", { ...queue, resource }, running * each, at);
      past.gauge("kueue_cluster_queue_nominal_quota", { ...queue, resource }, most, at);
    }
    past.scrape(at);
  }
  return past.text();
}

function oneBuild(past: Past, function_namespace: string, random: () => number): void {
  const labels = { function_namespace, strategy: "kaniko" };
  past.count("builds_total", { ...labels, result: "succeeded" });
  const cold = random() < 0.2;
  const seconds = cold ? 35 + 22 * random() : 9 + 14 * random();
  past.observe("build_duration_seconds", METRICS.build_duration_seconds.buckets, labels, seconds);
  past.observe(
    "build_queue_wait_seconds",
    METRICS.build_queue_wait_seconds.buckets,
    { function_namespace },
    4 * random() ** 3,
  );
  past.observe("image_size_bytes", METRICS.image_size_bytes.buckets, labels, (150 + 180 * random()) * 1e6);
  past.observe(
    "image_compressed_size_bytes",
    METRICS.image_compressed_size_bytes.buckets,
    labels,
    (50 + 60 * random()) * 1e6,
  );
  for (const [instruction, all, hits] of [
    ["RUN", 2, cold ? 0 : 2],
    ["COPY", 2, 1],
    ["WORKDIR", 1, 1],
  ] as const) {
    past.count("kaniko_cache_requests_total", { function_namespace, instruction }, all);
    past.count("kaniko_cache_hits_total", { function_namespace, instruction }, hits);
  }
}
