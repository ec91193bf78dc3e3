import { FUNCTION_CRD } from "../../contract/function/crd";
import { type Stack, stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

const kinds =
  (...types: string[]) =>
  (stack: Stack): string[] =>
    types.filter((type) => stack.all(type).length > 0).map((type) => type.split(":").at(-1) ?? "");

/** The definition of functions, which is there whether or not the stack installs what runs them. */
const functions = (stack: Stack): string[] =>
  stack
    .all<{ metadata: { name?: string } }>(TYPES.crd)
    .filter(({ props }) => props.metadata?.name === FUNCTION_CRD)
    .map(() => "LambdaFunction");

/**
 * What of a stack can't work without a chart, by the chart. A setting that leaves out a chart may leave out more of what is about it
 * (Knative's goes with its KnativeServing): what stands here stays.
 */
const NEEDS: Record<string, (stack: Stack) => string[]> = {
  "metrics-server": kinds(TYPES.hpa),
  kueue: kinds(TYPES.clusterQueue),
  "knative-operator": functions,
  "kube-prometheus-stack": kinds(TYPES.serviceMonitor, TYPES.podMonitor, TYPES.prometheusRule),
};

export const clusterHasCharts = stackPolicy<{ elsewhere: string[] }>(
  {
    name: "cluster-has-charts",
    severity: "high",
    description: "A cluster that the stack makes gets what the stack's own objects need.",
    remediation:
      "Set cluster.metricsServer, buildQueue.install, knative.install or monitoring.install back to true: on a new cluster nobody else has installed it. Where another stack or team does, name the chart in `elsewhere`.",
    blind:
      "A cluster that the stack doesn't make (target cluster): there the settings say what it has. Whether what stands in `elsewhere` is there.",
    config: { elsewhere: { description: "Charts that another stack or team installs.", default: [] } },
  },
  [
    TYPES.clusterComponent,
    TYPES.release,
    TYPES.crd,
    TYPES.hpa,
    TYPES.clusterQueue,
    TYPES.serviceMonitor,
    TYPES.podMonitor,
    TYPES.prometheusRule,
  ],
  (stack, { elsewhere }) => {
    const charts = stack
      .all<{ chart: string }>(TYPES.release)
      .map(({ props }) => props.chart?.split("/").at(-1));
    return stack.all(TYPES.clusterComponent).flatMap(({ urn }) =>
      Object.entries(NEEDS)
        .filter(([chart]) => !elsewhere.includes(chart))
        .map(([chart, needing]) => ({ chart, what: needing(stack) }))
        .filter(({ chart, what }) => what.length > 0 && !charts.includes(chart))
        .map(({ chart, what }) => ({
          urn,
          message: `${what.join(", ")} can't work without ${chart}, which is not installed; install it.`,
        })),
    );
  },
);
