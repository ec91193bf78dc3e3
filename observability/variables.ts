import {
  DatasourceVariableBuilder,
  IntervalVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableHide,
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

/** How much of a function's name a build's pod has: `FUNCTION_CHARACTERS` of builder/build/jobName.ts, which this does not import, and a test compares. */
export const BUILD_POD_CHARACTERS = 36;

/**
 * Kaniko's container in the builds of the functions chosen. A build's pod is `build-<function>-<hash>-<five characters>`, from the second
 * attempt on `build-<function>-<hash>-<attempt>-<five characters>`: the hash has ten characters and no dash, so that function `a` takes in the
 * builds neither of `a-b` nor of `a-2`. Of a function's name only the beginning is there, which `$function_begin` has for those that are longer.
 */
export const ofBuild = {
  ...inEnvironment,
  namespace: BUILD_NAMESPACE,
  container: KANIKO_CONTAINER,
  pod: { matches: "build-($function|$function_begin)-[a-z0-9]{10}(-[0-9]+)?-[a-z0-9]{5}" },
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

/**
 * Of the functions chosen those whose names are longer than what a build's pod has of them, cut as there. Grafana takes what the expression's group
 * holds, and drops what the expression does not match, so that it has nothing to say where no name is long. Nobody chooses: it is always all of
 * them, of those that are chosen in `function`.
 */
const functionBegin = () =>
  new QueryVariableBuilder("function_begin")
    .hide(VariableHide.HideVariable)
    .datasource(DATASOURCE)
    .query({
      query: labelValues("function_image_size_bytes", "function", ofFunction),
      refId: "function_begin",
    })
    .regex(`/^(?=.{${BUILD_POD_CHARACTERS + 1}})(.{0,${BUILD_POD_CHARACTERS - 1}}[a-z0-9]).*$/`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
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
    `Acts where a function can be told apart: CPU and memory of builds, size of the image in use. Builds have the first ${BUILD_POD_CHARACTERS} characters of its name: functions that are alike up to there are shown together. Histograms carry no function, so that their number does not grow with the functions'.`,
    labelValues("function_image_size_bytes", "function", inNamespace),
  ),
  functionBegin(),
  new IntervalVariableBuilder("window")
    .label("Window")
    .description(
      "Time over which rates and percentiles are taken. 5m is SRE-002's; take more where builds are few.",
    )
    .values(WINDOWS.join(","))
    .options(WINDOWS.map((value) => ({ selected: value === "5m", text: value, value })))
    .current({ selected: true, text: "5m", value: "5m" }),
];
