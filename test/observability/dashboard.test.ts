import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { buildDashboard } from "../../observability/dashboard";
import type { DashboardArgs } from "../../observability/dashboardArgs";
import { TARGETS } from "../../observability/targets";
import { metricsIn, problemsOf } from "./promqlCheck";

interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  datasource: unknown;
  links?: { url: string; targetBlank: boolean }[];
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; refId: string; legendFormat: string; datasource: unknown }[];
  fieldConfig: {
    defaults: { unit?: string; thresholds?: { steps: { value: number | null; color: string }[] } };
  };
}

const prod: DashboardArgs = {
  kanikoJobLimit: 100,
  kaniko: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "4Gi" } },
  targetCPU: 70,
};
/** As Grafana gets it: a value that JSON has no place for is lost here too. */
const dashboardOf = (args: DashboardArgs) =>
  JSON.parse(JSON.stringify(buildDashboard(args))) as {
    uid: string;
    panels: Panel[];
    templating: { list: { name: string; query: string | { query: string } }[] };
  };
const panelsOf = (args: DashboardArgs) => dashboardOf(args).panels.filter(({ type }) => type !== "row");
const panels = panelsOf(prod);
const panel = (id: number, args = prod): Panel => {
  const found = panelsOf(args).find((each) => each.id === id);
  assert.ok(found, `panel ${id}`);
  return found;
};
const steps = (id: number, args = prod) =>
  panel(id, args).fieldConfig.defaults.thresholds?.steps.map(({ value }) => value);
const queries = (id: number) => panel(id).targets.map(({ expr }) => expr);

describe("the performance dashboard", () => {
  it("has a fixed uid and variables for data source, environment, namespace, function and window", () => {
    const { uid, templating } = dashboardOf(prod);
    assert.equal(uid, "knative-lambda-performance");
    assert.deepEqual(
      templating.list.map(({ name }) => name),
      ["datasource", "environment", "namespace", "function", "function_begin", "window"],
    );
  });

  it("has SRE-002's six panels, in its order", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 15, 6].map((id) => panel(id).title),
      [
        "Build duration over time (p50, p95, p99)",
        "Cold start latency distribution",
        "Cache hit rate",
        "Concurrent builds",
        "Resource utilization: CPU of builds",
        "Resource utilization: memory of builds",
        "Image size trends",
      ],
    );
  });

  it("asks SRE-002's queries, histograms summed by (le)", () => {
    const of = 'environment=~"$environment",function_namespace=~"$namespace"';
    assert.deepEqual(
      queries(1),
      ["0.5", "0.95", "0.99"].map(
        (quantile) =>
          `histogram_quantile(${quantile}, sum by (le) (rate(build_duration_seconds_bucket{${of}}[$window])))`,
      ),
    );
    assert.equal(
      queries(12)[1],
      `histogram_quantile(0.95, sum by (le) (rate(function_cold_start_duration_seconds_bucket{${of}}[$window])))`,
    );
    assert.equal(
      queries(3)[0],
      `sum(rate(kaniko_cache_hits_total{${of}}[$window])) / sum(rate(kaniko_cache_requests_total{${of}}[$window]))`,
    );
    assert.equal(
      queries(6)[1],
      `histogram_quantile(0.95, sum by (le) (rate(image_size_bytes_bucket{${of}}[$window])))`,
    );
  });

  it("quotes SRE-002's own form of each, with the reason for another", () => {
    const quoted: Record<number, string[]> = {
      1: ["0.50", "0.95", "0.99"].map(
        (q) => `histogram_quantile(${q}, rate(build_duration_seconds_bucket[5m]))`,
      ),
      12: ["histogram_quantile(0.95, rate(function_cold_start_duration_seconds_bucket[5m]))"],
      3: ["sum(rate(kaniko_cache_hits_total[5m])) /", "sum(rate(kaniko_cache_requests_total[5m]))"],
      6: ["histogram_quantile(0.95, rate(image_size_bytes_bucket[5m]))"],
    };
    for (const [id, forms] of Object.entries(quoted)) {
      const { description } = panel(Number(id));
      for (const form of forms) assert.ok(description.includes(`\n    ${form}`), form);
      assert.match(description, /summed `by \(le\)`|without the sums/);
    }
  });

  it("asks only queries that parse and name what is in the contract", () => {
    for (const { title, targets } of panels) {
      assert.ok(targets.length > 0, title);
      for (const { expr } of targets) assert.deepEqual(problemsOf(expr), [], `${title}: ${expr}`);
    }
    for (const { name, query } of dashboardOf(prod).templating.list) {
      if (typeof query === "string") continue;
      const [, selector = "", label = ""] = /^label_values\((.+), (\w+)\)$/.exec(query.query) ?? [];
      assert.deepEqual(problemsOf(`max by (${label}) (${selector})`), [], name);
    }
  });

  it("says of every panel what it shows, in which unit, and what good looks like", () => {
    for (const { title, description, fieldConfig } of panels) {
      assert.ok(title.length > 0);
      assert.match(description, /Good: /, title);
      assert.ok(fieldConfig.defaults.unit !== undefined, title);
    }
  });

  it("asks each series of the environments chosen", () => {
    for (const { title, targets } of panels)
      for (const { expr } of targets) {
        const selectors = metricsIn(expr).length;
        const chosen = expr.match(/environment=~"\$environment"/g)?.length ?? 0;
        assert.equal(chosen, selectors, `${title}: ${expr}`);
      }
  });

  it("has a row each for targets, speed, builds, resources, images, outcomes, queue, functions, builder, budgets and cost", () => {
    assert.deepEqual(
      dashboardOf(prod)
        .panels.filter(({ type }) => type === "row")
        .map(({ title }) => title),
      [
        "Targets of SRE-002, over the time shown",
        "Speed",
        "Builds",
        "Resources",
        "Images",
        "Outcomes of builds",
        "Build queue",
        "Functions",
        "Builder",
        "Error budgets",
        "Cost of speed, in a month",
      ],
    );
  });

  it("names a panel's runbook, and links to it where it is known where that is read", () => {
    assert.match(panel(1).description, /\n\nRunbook: docs\/runbooks\/build-slow\.md$/);
    const linked = panel(1, { ...prod, runbooks: "https://git.example/main" });
    assert.doesNotMatch(linked.description, /Runbook/);
    assert.deepEqual(
      linked.links?.map(({ url, targetBlank }) => [url, targetBlank]),
      [["https://git.example/main/docs/runbooks/build-slow.md", true]],
    );
    const without = panels.filter(({ description }) => !description.includes("Runbook: "));
    assert.ok(without.length < panels.length / 2, without.map(({ title }) => title).join(", "));
  });

  it("shows what is left of each error budget as a share of it", () => {
    assert.equal(
      queries(111)[0],
      `1 - (sum(rate(builds_total{environment=~"$environment",function_namespace=~"$namespace",result=~"platform_error|timed_out"}[$__range])) / sum(rate(builds_total{environment=~"$environment",function_namespace=~"$namespace",result=~"succeeded|platform_error|timed_out"}[$__range]))) / 0.01`,
    );
    assert.deepEqual(
      [111, 112, 113, 114].map((id) => steps(id)?.[1]),
      [0, 0, 0, 0],
    );
  });

  it("counts keep-alive and cache at SRE-002's prices", () => {
    assert.match(queries(121)[0] ?? "", /\) \* 5$/);
    assert.match(queries(122)[0] ?? "", /\) \* 1e-10$/);
  });

  it("asks the data source of its variable and no other", () => {
    const datasource = { type: "prometheus", uid: "${datasource}" };
    for (const { title, datasource: own, targets } of panels) {
      assert.deepEqual(own, datasource, title);
      for (const target of targets) assert.deepEqual(target.datasource, datasource, title);
    }
  });

  it("names each series in the legend, each query and panel once", () => {
    const ids = dashboardOf(prod).panels.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
    for (const { title, targets } of panels)
      for (const key of ["legendFormat", "refId"] as const) {
        const values = targets.map((target) => target[key]);
        assert.deepEqual(values, [...new Set(values.filter((value) => value !== ""))], title);
      }
  });

  it("fills rows of 24 columns without an overlap", () => {
    const all = dashboardOf(prod).panels;
    for (const [index, { title, gridPos: a }] of all.entries()) {
      assert.ok(a.x >= 0 && a.x + a.w <= 24, title);
      for (const { title: other, gridPos: b } of all.slice(index + 1))
        assert.ok(
          a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y,
          `${title} and ${other}`,
        );
    }
    for (const y of new Set(all.map(({ gridPos }) => gridPos.y))) {
      const widths = all.filter(({ gridPos }) => gridPos.y === y).map(({ gridPos }) => gridPos.w);
      assert.equal(
        widths.reduce((sum, width) => sum + width, 0),
        24,
        `row at ${y}`,
      );
    }
  });

  it("draws SRE-002's targets as lines", () => {
    assert.deepEqual(steps(1), [null, 60]);
    assert.deepEqual(steps(12), [null, 3]);
    assert.deepEqual(steps(3), [null, 0.7]);
    assert.deepEqual(steps(6), [null, 400_000_000]);
    assert.deepEqual(
      [101, 102, 103, 104, 105, 106].map((id) => steps(id)?.[1]),
      [30, 60, 3, 0.7, 1_610_612_736, 400_000_000],
    );
  });

  it("is green above the cache's target and below every other", () => {
    const color = (id: number) => panel(id).fieldConfig.defaults.thresholds?.steps.map((step) => step.color);
    assert.deepEqual(color(104), ["red", "green"]);
    for (const id of [101, 102, 103, 105, 106]) assert.deepEqual(color(id), ["green", "red"]);
  });

  it("draws the settings' limits, and says them", () => {
    assert.deepEqual(steps(4), [null, 100]);
    assert.deepEqual(steps(5), [null, 1, 2]);
    assert.deepEqual(steps(15), [null, 1_610_612_736, 2 * 1024 ** 3, 4 * 1024 ** 3]);
    assert.deepEqual(steps(25), [null, 0.7]);
    const dev: DashboardArgs = {
      kanikoJobLimit: 10,
      kaniko: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1", memory: "2Gi" } },
    };
    assert.deepEqual(steps(4, dev), [null, 10]);
    assert.deepEqual(steps(5, dev), [null, 0.5, 1]);
    assert.deepEqual(steps(15, dev), [null, 1024 ** 3, TARGETS.buildMemory, 2 * 1024 ** 3]);
    assert.deepEqual(steps(25, dev), [null]);
    assert.match(panel(4, dev).description, /kanikoJobLimit, 10\./);
    assert.match(panel(15, dev).description, /request 1Gi .*, limit 2Gi/);
    assert.doesNotMatch(panel(25, dev).description, /HPA's target/);
  });

  it("draws one line where a request equals its limit", () => {
    const equal: DashboardArgs = {
      ...prod,
      kaniko: { requests: { cpu: "2", memory: "4Gi" }, limits: { cpu: "2", memory: "4Gi" } },
    };
    assert.deepEqual(steps(5, equal), [null, 2]);
    assert.equal(panel(5, equal).fieldConfig.defaults.thresholds?.steps[1]?.color, "red");
  });

  it("is the same for the same settings", () => {
    assert.deepEqual(dashboardOf(prod), dashboardOf({ ...prod }));
  });

  it("names metrics in no file but through the contract", () => {
    for (const file of readdirSync("observability/rows")) {
      const text = readFileSync(`observability/rows/${file}`, "utf8");
      const written = [...text.matchAll(/expr: (["'`])/g)];
      assert.deepEqual(written, [], file);
    }
  });
});
