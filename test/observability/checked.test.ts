import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { METRIC_SOURCES } from "../../contract/clusterMetrics";
import * as charts from "../../components/charts";
import { cluster } from "../../settings/sections/cluster";
import { knative } from "../../settings/sections/knative";

/** What a stack installs, by the name that `checked` gives it. */
const INSTALLED: Readonly<Record<string, string>> = {
  Kubernetes: cluster.parse({}).version,
  "Knative Serving": knative.parse({}).version,
  Kueue: charts.KUEUE.version,
  "kube-prometheus-stack": charts.KUBE_PROMETHEUS_STACK.version,
};

/** What comes with one of those, in a version of its own that is written nowhere here. */
const COMES_WITH: Readonly<Record<string, string>> = {
  "kube-state-metrics": "kube-prometheus-stack",
  "net-kourier": "Knative Serving",
  Envoy: "net-kourier",
};

const sources = Object.entries<{ checked: Readonly<Record<string, string>> }>(METRIC_SOURCES);

describe("the versions that others' metrics were checked in", () => {
  for (const [source, { checked }] of sources)
    it(`are those that are installed: ${source}`, () => {
      for (const [part, version] of Object.entries(checked)) {
        const carrier = COMES_WITH[part];
        if (carrier === undefined) assert.equal(version, INSTALLED[part], part);
        else assert.ok(checked[carrier] !== undefined, `${part} is checked as of no version of ${carrier}`);
      }
      assert.ok(
        Object.keys(checked).some((part) => part in INSTALLED),
        "nothing that is installed was checked",
      );
    });

  it("are those that the files of what is exposed were read in", () => {
    const read = readFileSync(join(__dirname, "exposed", "README.md"), "utf8");
    for (const [source, { checked }] of sources.filter(([name]) => name !== "prometheus")) {
      const line = read.split("\n").find((each) => each.includes(`\`${source}.prom\``)) ?? "";
      const named = Object.entries(checked).filter(
        ([part, version]) => line.includes(`${part} ${version}`) || line.includes(`${part}'s ${version}`),
      );
      assert.ok(named.length > 0, `${source}: ${line}`);
    }
    assert.match(read, new RegExp(`Kueue ${METRIC_SOURCES.kueue.checked.Kueue.replaceAll(".", "\\.")},`));
  });
});
