import {
  DatasourceVariableBuilder,
  IntervalVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { BUILD_NAMESPACE, CLUSTER_QUEUE, KANIKO_CONTAINER } from "../contract/names";
import { labelValues } from "./promql";

/** The Prometheus that the dashboard asks, chosen on the dashboard: its uid differs from one Grafana to the next. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** Series of the environments chosen. */
export const inEnvironment = { environment: { matches: "$environment" } } as const;

/** Series of the namespaces chosen. */
export const inNamespace = { ...inEnvironment, function_namespace: { matches: "$namespace" } } as const;

/** Series of the functions chosen. */
export const ofFunction = { ...inNamespace, function: { matches: "$function" } } as const;

/** What the gateway passes to revisions of the namespaces chosen. */
export const throughGateway = {
  ...inEnvironment,
  envoy_cluster_name: { matches: "($namespace)/[^/]+" },
} as const;

/** What Kueue says of the builds' queue. */
export const ofQueue = { ...inEnvironment, cluster_queue: CLUSTER_QUEUE } as const;

/**
 * Kaniko's container in the builds of the functions chosen. A build's pod is `build-<function>-<hash>-<five characters>`: the hash
 * has no dash, so that function `a` does not take in the builds of `a-b`.
 */
export const ofBuild = {
  ...inEnvironment,
  namespace: BUILD_NAMESPACE,
  container: KANIKO_CONTAINER,
  pod: { matches: "build-$function-[a-z0-9]+-[a-z0-9]{5}" },
} as const;

const choice = (name: string, label: string, description: string, query: string) =>
  new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .query({ query, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    // Short, and true of series that come into being while the dashboard is open.
    .allValue(".*")
    .current({ selected: true, text: ["All"], value: ["$__all"] });

const WINDOWS = ["5m", "15m", "1h", "6h", "1d"] as const;

export const variables = (): Builder<VariableModel>[] => [
  new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"),
  choice(
    "environment",
    "Environment",
    "Stacks that send their metrics to this data source. Prometheus adds the label as it sends them on, so that its own have none: there it is All.",
    labelValues("up", "environment"),
  ),
  choice(
    "namespace",
    "Namespace",
    "Namespaces of functions.",
    labelValues("builds_total", "function_namespace", inEnvironment),
  ),
  choice(
    "function",
    "Function",
    "Acts where a function can be told apart: CPU and memory of builds, size of the image in use. Histograms carry no function, so that their number does not grow with the functions'.",
    labelValues("function_image_size_bytes", "function", inNamespace),
  ),
  new IntervalVariableBuilder("window")
    .label("Window")
    .description(
      "Time over which rates and percentiles are taken. 5m is SRE-002's; take more where builds are few.",
    )
    .values(WINDOWS.join(","))
    .options(WINDOWS.map((value) => ({ selected: value === "5m", text: value, value })))
    .current({ selected: true, text: "5m", value: "5m" }),
];
