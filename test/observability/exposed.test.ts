import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CLUSTER_METRICS, type ClusterMetric, METRIC_SOURCES } from "../../contract/clusterMetrics";

/** Labels that are the target's, as Prometheus knows it, and those that a PodMonitor adds. */
const OF_THE_TARGET = ["namespace", "pod", "job", "serving_knative_dev_service"];

/** Labels of each metric in a text that a source exposes. */
function exposed(text: string): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, name, labels = ""] = /^(\w+)\{(.*)\} /.exec(line) ?? [];
    if (name !== undefined)
      all.set(
        name,
        [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label),
      );
  }
  return all;
}

describe("metrics of others", () => {
  for (const source of Object.keys(METRIC_SOURCES).filter((name) => name !== "prometheus"))
    it(`are those that ${source} exposes in the version checked, with the labels that are used`, () => {
      const file = join(__dirname, "exposed", `${source}.prom`);
      assert.ok(existsSync(file), file);
      const there = exposed(readFileSync(file, "utf8"));
      const used = (Object.entries(CLUSTER_METRICS) as [string, ClusterMetric][]).filter(
        ([, metric]) => metric.source === source,
      );
      for (const [name, { type, labels }] of used) {
        const series = type === "histogram" ? `${name}_bucket` : name;
        const given = there.get(series);
        assert.ok(given, series);
        for (const label of Object.keys(labels))
          assert.ok(given.includes(label) || OF_THE_TARGET.includes(label), `${label} of ${series}`);
      }
      const names = used.map(([name]) => name);
      for (const name of there.keys())
        assert.ok(
          [name, name.replace(/_(bucket|count)$/, "")].some((one) => names.includes(one)),
          `${name} is used by nobody`,
        );
    });
});
