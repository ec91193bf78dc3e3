import assert from "node:assert/strict";
import { CLUSTER_METRICS, METRIC_SOURCES } from "../../contract/clusterMetrics";
import { EACH_FUNCTION, EACH_NAMESPACE, METRICS, type Metric } from "../../contract/metrics";
import { TARGETS } from "../../observability/targets";

const metrics = Object.entries(METRICS) as [string, Metric][];

/** Series of one replica once every label set has been seen. */
function seriesOf(metric: Metric, namespaces: number, functions: number): number {
  const sets = Object.values(metric.labels)
    // A function lies in one namespace.
    .filter((domain, _, all) => domain !== EACH_NAMESPACE || !all.includes(EACH_FUNCTION))
    .map((domain) =>
      domain === EACH_NAMESPACE ? namespaces : domain === EACH_FUNCTION ? functions : domain.length,
    )
    .reduce((product, size) => product * size, 1);
  // le="+Inf", _sum and _count come with the buckets.
  return metric.type === "histogram" ? sets * (metric.buckets.length + 3) : sets;
}

describe("the builder's metrics", () => {
  it("have SRE-002's five names, each of the type that its queries need", () => {
    const types = Object.fromEntries(metrics.map(([name, { type }]) => [name, type]));
    assert.equal(types["build_duration_seconds"], "histogram");
    assert.equal(types["function_cold_start_duration_seconds"], "histogram");
    assert.equal(types["kaniko_cache_hits_total"], "counter");
    assert.equal(types["kaniko_cache_requests_total"], "counter");
    assert.equal(types["image_size_bytes"], "histogram");
  });

  it("end in their unit, and counters in _total", () => {
    for (const [name, { type, unit }] of metrics) {
      assert.equal(name.endsWith("_total"), type === "counter", name);
      if (unit === "seconds" || unit === "bytes") assert.ok(name.endsWith(`_${unit}`), name);
    }
  });

  it("have a bucket at every target and baseline, so that a share within the target is exact", () => {
    const { build_duration_seconds, function_cold_start_duration_seconds, image_size_bytes } = METRICS;
    const has = (buckets: readonly number[], ...values: number[]) => {
      for (const value of values) assert.ok(buckets.includes(value), `${value}`);
    };
    has(build_duration_seconds.buckets, TARGETS.buildP50, TARGETS.buildP95, 45, 90, 180);
    has(function_cold_start_duration_seconds.buckets, 0.1, TARGETS.coldStartP95, 5, 10);
    has(image_size_bytes.buckets, 320e6, TARGETS.imageSize, 800e6);
  });

  it("have buckets that rise", () => {
    for (const [name, metric] of metrics)
      if (metric.type === "histogram")
        assert.deepEqual(
          metric.buckets,
          [...new Set(metric.buckets)].sort((a, b) => a - b),
          name,
        );
  });

  it("use no label that a scrape by ServiceMonitor would rename", () => {
    const ofTheScrape = ["namespace", "pod", "service", "job", "instance", "container", "endpoint", "node"];
    for (const [name, { labels }] of metrics)
      for (const label of Object.keys(labels)) {
        assert.match(label, /^[a-z][a-z_]*$/, name);
        assert.ok(![...ofTheScrape, "le"].includes(label), `${label} of ${name}`);
      }
  });

  it("make two series of each of 10,000 functions, whatever there is to tell of them", () => {
    const total = (functions: number) =>
      metrics.reduce((sum, [, metric]) => sum + seriesOf(metric, 10, functions), 0);
    assert.equal(total(10_000) - total(0), 20_000);
    assert.ok(total(0) < 2_500, `${total(0)} series for 10 namespaces`);
  });

  it("know of a cluster's metric who exposes it and how that is turned on", () => {
    const used = new Set(Object.values(CLUSTER_METRICS).map(({ source }) => source));
    assert.deepEqual([...used].sort(), Object.keys(METRIC_SOURCES).sort());
    for (const name of Object.keys(CLUSTER_METRICS)) assert.ok(!(name in METRICS), name);
  });
});
