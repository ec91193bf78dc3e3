import assert from "node:assert/strict";
import {
  buckets,
  counter,
  gauge,
  histogramQuantile,
  increase,
  labelValues,
  max,
  rate,
  sum,
} from "../../observability/promql";

describe("PromQL over the contract", () => {
  it("writes each kind of matcher as PromQL has it", () => {
    assert.equal(counter("builds_total"), "builds_total");
    assert.equal(
      counter("builds_total", {
        result: ["platform_error", "timed_out"],
        strategy: { not: "reuse" },
        function_namespace: { matches: "$namespace" },
      }),
      'builds_total{result=~"platform_error|timed_out",strategy!="reuse",function_namespace=~"$namespace"}',
    );
    assert.equal(
      gauge("container_memory_working_set_bytes", { container: 'a"b' }),
      'container_memory_working_set_bytes{container="a\\"b"}',
    );
  });

  it("sums buckets by (le) before it takes a quantile", () => {
    assert.equal(
      histogramQuantile(0.95, "build_duration_seconds", "5m", { strategy: "kaniko" }),
      'histogram_quantile(0.95, sum by (le) (rate(build_duration_seconds_bucket{strategy="kaniko"}[5m])))',
    );
  });

  it("groups by what the series have", () => {
    assert.equal(
      max(gauge("function_image_size_bytes"), "function_namespace", "function"),
      "max by (function_namespace, function) (function_image_size_bytes)",
    );
    assert.equal(
      sum(increase(buckets("image_size_bytes"), "1h"), "le"),
      "sum by (le) (increase(image_size_bytes_bucket[1h]))",
    );
  });

  it("lists a label's values for a variable", () => {
    assert.equal(
      labelValues("builds_total", "function_namespace"),
      "label_values(builds_total, function_namespace)",
    );
  });

  it("does not compile with another name, label, value or type", () => {
    // Each line is an error to the compiler, or `npm run typecheck` fails here.
    const lines = [
      // @ts-expect-error no such metric
      () => counter("build_total"),
      // @ts-expect-error a histogram is selected by its buckets or observations
      () => counter("build_duration_seconds"),
      // @ts-expect-error no such label
      () => counter("builds_total", { namespace: "a" }),
      // @ts-expect-error no such value
      () => counter("builds_total", { result: "success" }),
      // @ts-expect-error no such value among several
      () => counter("builds_total", { result: ["succeeded", "failed"] }),
      // @ts-expect-error a gauge has no rate
      () => rate(gauge("builds_running"), "5m"),
      // @ts-expect-error a counter is no histogram
      () => histogramQuantile(0.5, "builds_total", "5m"),
      // @ts-expect-error the series have no such label
      () => sum(rate(counter("builds_total"), "5m"), "le"),
      // @ts-expect-error the sum has lost the label
      () => max(sum(gauge("builds_running"), "strategy"), "function_namespace"),
      // @ts-expect-error no length of time
      () => rate(counter("builds_total"), "5 minutes"),
    ];
    assert.equal(lines.length, 10);
  });
});
