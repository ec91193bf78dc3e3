import { counter, gauge, histogramQuantileBy, max, rate, sum, top } from "../promql";
import { below, type Row, timeseries } from "../panels";
import { TARGETS } from "../targets";
import { inEnvironment, ofFunction, throughGateway } from "../variables";

const calls = {
  ...inEnvironment,
  namespace: { matches: "$namespace" },
  serving_knative_dev_service: { matches: "$function" },
} as const;

/** Which functions are slow, and whether they answer. */
export const functionsRow = (): Row => ({
  title: "Functions",
  panels: [
    timeseries({
      id: 51,
      title: "Slowest functions to build",
      description:
        "Time that the last build of each function took, the ten slowest of those chosen. Good: below the line at 60 s. Histograms carry no function, so that their number does not grow with the functions': this is the last build alone.",
      runbook: "build-slow",
      unit: "s",
      width: 8,
      queries: [
        {
          legend: "{{function_namespace}}/{{function}}",
          expr: top(
            10,
            max(gauge("function_last_build_duration_seconds", ofFunction), "function_namespace", "function"),
          ),
        },
      ],
      thresholds: below(TARGETS.buildP95),
    }),
    timeseries({
      id: 52,
      title: "Slowest functions to answer (p95)",
      description:
        "95th percentile of the time in which a function's pod answers, the ten slowest of those chosen; a cold start is not in it. Good: what their authors expect of them.",
      unit: "s",
      width: 8,
      queries: [
        {
          legend: "{{namespace}}/{{serving_knative_dev_service}}",
          expr: top(
            10,
            histogramQuantileBy(
              0.95,
              "kn_serving_invocation_duration_seconds",
              "$window",
              calls,
              "namespace",
              "serving_knative_dev_service",
            ),
          ),
        },
      ],
    }),
    timeseries({
      id: 53,
      title: "Requests by answer",
      description:
        "Requests that the gateway passed to functions of the namespaces chosen, by status code. 502, 503 and 504 are no answers of a function's: they use up the error budget of 99.9 %. A 500 is an error of its own. Good: none of the three.",
      runbook: "functions-unavailable",
      unit: "reqps",
      width: 8,
      stacked: true,
      queries: [
        {
          legend: "{{envoy_response_code}}",
          expr: sum(
            rate(counter("envoy_cluster_upstream_rq", throughGateway), "$window"),
            "envoy_response_code",
          ),
        },
      ],
    }),
  ],
});
