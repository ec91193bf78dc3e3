import { stackPolicy } from "../kit/stackPolicy";
import { TYPES } from "../kit/types";

/** What kinds of objects need, by the chart that brings it. */
const NEEDS: Record<string, readonly string[]> = {
  "metrics-server": [TYPES.hpa],
  kueue: [TYPES.clusterQueue],
  "knative-operator": [TYPES.knativeServing],
  "kube-prometheus-stack": [TYPES.serviceMonitor, TYPES.podMonitor, TYPES.prometheusRule],
};

export const clusterHasCharts = stackPolicy<{ elsewhere: string[] }>(
  {
    name: "cluster-has-charts",
    severity: "high",
    description: "A cluster that the stack makes gets what the stack's own objects need.",
    remediation:
      "Set cluster.metricsServer, buildQueue.install, knative.install or monitoring.install back to true: on a new cluster nobody else has installed it.",
    blind: "A cluster that the stack doesn't make.",
    config: { elsewhere: { description: "Charts that another stack or team installs.", default: [] } },
  },
  [TYPES.clusterComponent, TYPES.release, ...Object.values(NEEDS).flat()],
  (stack, { elsewhere }) =>
    stack.all(TYPES.clusterComponent).flatMap(({ urn }) =>
      Object.entries(NEEDS)
        .filter(([chart, types]) => !elsewhere.includes(chart) && stack.all(...types).length > 0)
        .filter(
          ([chart]) =>
            !stack
              .all<{ chart: string }>(TYPES.release)
              .some(({ props }) => props.chart?.split("/").at(-1) === chart),
        )
        .map(([chart, types]) => ({
          urn,
          message: `${types.map((type) => type.split(":").at(-1) ?? "").join(", ")} can't work without ${chart}, which is not installed; install it.`,
        })),
    ),
);
