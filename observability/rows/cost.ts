import { gauge, max, sum, times } from "../promql";
import { type Row, stat, timeseries } from "../panels";
import { inEnvironment, inNamespace } from "../variables";

/** SRE-002: "Keep-alive costs ~$5/month/function", that is for the one pod that it keeps. */
const KEPT_POD_USD = 5;
/** SRE-002: "Cache storage costs $0.10/GB/month". */
const CACHED_GB_USD = 0.1;

// A namespace or function is said by its home replica; while it moves two may say it.
const kept = sum(max(gauge("keep_alive_pods", inNamespace), "function_namespace"));
const cached = sum(max(gauge("kaniko_cache_size_bytes", inNamespace), "function_namespace"));

/** What speed costs. */
export const costRow = (): Row => ({
  title: "Cost of speed, in a month",
  panels: [
    stat({
      id: 121,
      title: "Keep-alive",
      description: `Pods that functions keep although nobody calls them, at SRE-002's $${KEPT_POD_USD} a month each. Good: below 10 pods, for functions that are called often.`,
      unit: "currencyUSD",
      width: 4,
      queries: [{ legend: "a month", expr: times(kept, KEPT_POD_USD) }],
    }),
    stat({
      id: 122,
      title: "Layer cache",
      description: `What the registry stores of the layer caches, at SRE-002's $${CACHED_GB_USD.toFixed(2)} for a GB and month. Good: small beside the nodes that it saves; it levels off after cacheTTL.`,
      unit: "currencyUSD",
      width: 4,
      queries: [{ legend: "a month", expr: times(cached, CACHED_GB_USD / 1e9) }],
    }),
    timeseries({
      id: 81,
      title: "Layer cache, stored",
      description:
        "Compressed, counted by the builder every quarter of an hour. Good: level. One that only grows is not expired: see the repositories' lifecycle.",
      unit: "decbytes",
      width: 8,
      queries: [{ legend: "all namespaces chosen", expr: cached }],
    }),
    timeseries({
      id: 82,
      title: "Pods of functions",
      description:
        "Pods that are ready, and those that keep-alive keeps. Good: what is kept is a small part, or functions could as well scale to zero.",
      unit: "short",
      width: 8,
      queries: [
        {
          legend: "ready",
          expr: sum(
            gauge("kn_revision_pods_count", {
              ...inEnvironment,
              k8s_namespace_name: { matches: "$namespace" },
              kn_service_name: { matches: "$function" },
            }),
          ),
        },
        { legend: "kept", expr: kept },
      ],
    }),
  ],
});
