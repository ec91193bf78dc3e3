import assert from "node:assert/strict";
import { knativePodMonitors } from "../../components/knativePodMonitors";

describe("knativePodMonitors", () => {
  const { serving, gateway, functions } = knativePodMonitors("metrics");

  it("carries the release label, without which Prometheus looks past a monitor", () => {
    for (const { metadata } of [serving, gateway, functions])
      assert.equal((metadata.labels as Record<string, string>)["release"], "metrics");
  });

  it("scrapes Serving's own pods", () => {
    assert.deepEqual(serving.spec, {
      selector: {
        matchExpressions: [
          {
            key: "app",
            operator: "In",
            values: [
              "activator",
              "autoscaler",
              "autoscaler-hpa",
              "controller",
              "webhook",
              "net-kourier-controller",
            ],
          },
        ],
      },
      podMetricsEndpoints: [{ port: "metrics" }],
    });
  });

  it("scrapes the gateway by Envoy's path", () => {
    assert.deepEqual(gateway.spec["podMetricsEndpoints"], [{ port: "metrics", path: "/stats/prometheus" }]);
  });

  it("scrapes the queue-proxy of every function, wherever it lives, and says whose it is", () => {
    assert.deepEqual(functions.spec, {
      namespaceSelector: { any: true },
      selector: { matchExpressions: [{ key: "serving.knative.dev/revision", operator: "Exists" }] },
      podTargetLabels: ["serving.knative.dev/service", "serving.knative.dev/revision"],
      podMetricsEndpoints: [{ port: "http-usermetric" }],
    });
  });
});
