import assert from "node:assert/strict";
import { problemsOf } from "./promqlCheck";

describe("the check of queries", () => {
  const wrong: Record<string, { query: string; problem: RegExp }> = {
    "a query that does not parse": {
      query: "sum(rate(builds_total[5m])",
      problem: /does not parse/,
    },
    "a metric that nobody makes": { query: "sum(build_seconds)", problem: /build_seconds is no metric/ },
    "a histogram without its suffix": {
      query: "sum(build_duration_seconds)",
      problem: /build_duration_seconds is no metric/,
    },
    "a selector without a metric": { query: '{result="succeeded"}', problem: /names no metric/ },
    "a label that the metric has not": {
      query: 'builds_total{namespace="a"}',
      problem: /builds_total has no label namespace/,
    },
    "a value that the label never has": {
      query: 'builds_total{result="success"}',
      problem: /result of builds_total is never success/,
    },
    "such a value among others": {
      query: 'builds_total{result=~"succeeded|failed"}',
      problem: /result of builds_total is never failed/,
    },
    "a grouping by a label that is not there": {
      query: "sum by (le) (rate(builds_total[5m]))",
      problem: /groups by le/,
    },
    "SRE-002's quantile, which is not summed": {
      query: "histogram_quantile(0.95, rate(build_duration_seconds_bucket[5m]))",
      problem: /not taken of a sum by \(le\)/,
    },
    "a quantile of a sum that loses le": {
      query: "histogram_quantile(0.95, sum by (strategy) (rate(build_duration_seconds_bucket[5m])))",
      problem: /not taken of a sum by \(le\)/,
    },
    "a quantile of an average": {
      query: "histogram_quantile(0.95, avg by (le) (rate(build_duration_seconds_bucket[5m])))",
      problem: /not taken of a sum by \(le\)/,
    },
    "a rate of a gauge": {
      query: "rate(builds_running[5m])",
      problem: /rate of builds_running, which is no counter/,
    },
    "a maximum over time of a counter": {
      query: "max_over_time(builds_total[5m])",
      problem: /max_over_time of builds_total, which is no gauge/,
    },
    "a value in place of missing data": {
      query: "sum(builds_running) or vector(1)",
      problem: /vector\(\) makes a value/,
    },
  };
  for (const [what, { query, problem }] of Object.entries(wrong)) {
    it(`finds ${what}`, () => {
      assert.match(problemsOf(query).join("\n"), problem);
    });
  }

  it("passes what is right", () => {
    assert.deepEqual(
      problemsOf(
        'histogram_quantile(0.95, sum by (le) (rate(build_duration_seconds_bucket{strategy="kaniko",function_namespace=~"$namespace"}[$window]))) >= 0',
      ),
      [],
    );
  });
});
