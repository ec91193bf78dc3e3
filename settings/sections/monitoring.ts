import { z } from "zod";
import { bytes, dnsLabel, duration } from "../scalars";

/** Prometheus and Grafana. */
export const monitoring = z
  .strictObject({
    install: z
      .boolean()
      .prefault(true)
      .describe(
        "Install kube-prometheus-stack. `false` where the cluster has a Prometheus operator and Grafana's sidecar.",
      ),
    namespace: dnsLabel().prefault("monitoring").describe("Namespace of Prometheus and Grafana."),
    release: dnsLabel()
      .prefault("kube-prometheus-stack")
      .describe(
        "Value of the `release` label by which Prometheus picks up monitors and rules; without it they are ignored silently.",
      ),
    retention: duration("360h", 3600).prefault("360h").describe("How long Prometheus keeps samples."),
    runbooks: z
      .url({
        protocol: /^https?$/,
        error: "is not a URL; write it as in https://git.example/platform/blob/main",
      })
      .optional()
      .describe(
        "Address below which this repository's `docs/runbooks` is read: alerts and panels link there. Absent: they name the file.",
      ),
    traces: z
      .url({
        protocol: /^https?$/,
        error: "is not a URL; write it as in http://otel-collector.monitoring.svc:4318",
      })
      .optional()
      .describe(
        "OpenTelemetry collector to which the builder sends its traces by OTLP over HTTP, without `/v1/traces`. Absent: it makes none.",
      ),
    storage: bytes("50Gi", "1Gi")
      .prefault("50Gi")
      .describe("Disk of Prometheus. gp3, $0.08 per GB and month."),
  })
  .prefault({});
