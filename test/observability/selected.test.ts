import assert from "node:assert/strict";
import { resolve } from "node:path";
import { evaluate } from "../../preview/evaluate";
import type { Registration } from "../../preview/recordingMonitor";
import { readStackFile } from "../../preview/stackFile";

const PROJECT = resolve(__dirname, "..", "..");
const KINDS = ["ServiceMonitor", "PodMonitor", "PrometheusRule"];

interface Labelled {
  kind: string;
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  spec: {
    selector?: { matchLabels?: Record<string, string> };
    endpoints?: { port: string }[];
    ports?: { name: string }[];
  };
}

/**
 * What the chart's values mean where the program leaves them alone (kube-prometheus-stack 88.5.3, values.yaml): each `…SelectorNilUsesHelmValues`
 * is true, which selects by the label `release: <name of the release>`; each `…NamespaceSelector` is {}, which is every namespace.
 */
const SELECTORS = /Selector/;

describe("what Prometheus picks up of a stack", () => {
  let registrations: readonly Registration[];
  const objects = (...kinds: string[]): Labelled[] =>
    registrations
      .map(({ inputs }) => inputs as unknown as Labelled)
      .filter(({ kind }) => kinds.includes(kind));

  before(async () => {
    ({ registrations } = await evaluate(readStackFile(PROJECT, "prod")));
  });

  it("is every monitor and rule of the program", () => {
    const release = registrations.find(({ inputs }) => inputs["chart"] === "kube-prometheus-stack");
    assert.ok(release);
    const { name, values } = release.inputs as {
      name: string;
      values: { prometheus: { prometheusSpec: Record<string, unknown> } };
    };
    assert.deepEqual(
      Object.keys(values.prometheus.prometheusSpec).filter((key) => SELECTORS.test(key)),
      [],
      "the chart's own selectors",
    );
    const picked = objects(...KINDS);
    for (const { kind, metadata } of picked)
      assert.equal(metadata.labels["release"], name, `${kind} ${metadata.name}`);
    assert.deepEqual(picked.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort(), [
      "PodMonitor knative-functions",
      "PodMonitor knative-serving",
      "PodMonitor kourier-gateway",
      "PrometheusRule knative-lambda-alerts",
      "PrometheusRule knative-lambda-recording-rules",
      "ServiceMonitor knative-lambda-builder",
      "ServiceMonitor kueue",
    ]);
  });

  it("is the builder's port of metrics, under the job's name that alerts ask for", () => {
    const monitor = objects("ServiceMonitor").find(
      ({ metadata }) => metadata.name === "knative-lambda-builder",
    );
    const selected = objects("Service").filter(
      ({ metadata }) =>
        metadata.namespace === monitor?.metadata.namespace &&
        Object.entries(monitor.spec.selector?.matchLabels ?? {}).every(
          ([label, value]) => metadata.labels[label] === value,
        ),
    );
    // A target's job is its Service's name.
    assert.deepEqual(
      selected.map(({ metadata }) => metadata.name),
      ["knative-lambda-builder"],
    );
    const [{ port } = { port: "" }] = monitor?.spec.endpoints ?? [];
    assert.ok(selected[0]?.spec.ports?.some(({ name }) => name === port));
  });
});
