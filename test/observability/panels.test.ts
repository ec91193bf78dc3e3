import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { alerts } from "../../observability/alerts";
import { dashboardArgs } from "../../observability/dashboardArgs";
import { recordingRules } from "../../observability/recordingRules";
import { rows } from "../../observability/rows";
import { ask } from "../../tools/dashboard/ask";
import type { Sample } from "../../tools/dashboard/sample";
import { stackSettings } from "../../tools/stackSettings";
import { hasPrometheus, PrometheusServer } from "./prometheusServer";
import { simulatedHours } from "./simulatedHours";

/** A file that the sample is written to, in place of docs/dashboard-sample.json: of more hours, up to a moment that stays the same. */
const SAMPLE = process.env["SAMPLE"];
const HOURS = SAMPLE === undefined ? 0.5 : 6;
const MOMENT = Date.UTC(2026, 10, 24, 12) / 1000;
/** SRE-002's key queries, word for word. */
const SPECIFIED = [
  "histogram_quantile(0.50, rate(build_duration_seconds_bucket[5m]))",
  "histogram_quantile(0.95, rate(build_duration_seconds_bucket[5m]))",
  "histogram_quantile(0.99, rate(build_duration_seconds_bucket[5m]))",
  "histogram_quantile(0.95, rate(function_cold_start_duration_seconds_bucket[5m]))",
  "sum(rate(kaniko_cache_hits_total[5m])) / sum(rate(kaniko_cache_requests_total[5m]))",
  "histogram_quantile(0.95, rate(image_size_bytes_bucket[5m]))",
];

describe("the dashboard, asked of a Prometheus", () => {
  let server: PrometheusServer | undefined;
  let sample: Sample;
  const to = SAMPLE === undefined ? Math.floor(Date.now() / 1000) : MOMENT;
  const drawn = rows(dashboardArgs(stackSettings(".", "prod")));

  before(async function () {
    if (!hasPrometheus()) this.skip();
    server = await PrometheusServer.start({
      config: {},
      rules: [...recordingRules(), ...alerts()],
      past: simulatedHours(to, HOURS),
    });
    sample = await ask(drawn, { prometheus: server.url, from: to - HOURS * 3600, to, window: "5m" });
  });
  after(async () => {
    await server?.stop();
    if (SAMPLE !== undefined)
      writeFileSync(
        SAMPLE,
        JSON.stringify({ ...sample, source: "Made-up figures, asked of a real Prometheus: no platform ran" }),
      );
  });

  it("has data in every panel and for every query where all sources are scraped", () => {
    for (const panel of drawn.flatMap(({ panels }) => panels)) {
      const series = sample.panels[panel.id] ?? [];
      assert.ok(series.length >= panel.queries.length, panel.title);
      for (const { name, points } of series)
        assert.ok(
          points.some(([, value]) => value !== null),
          `${name} of ${panel.title}`,
        );
    }
  });

  it("fills in what its legends name", () => {
    for (const series of Object.values(sample.panels))
      for (const { name } of series) assert.doesNotMatch(name, /\{\{|^\/|\/$|^$/, name);
  });

  it("is answered to SRE-002's own queries too", async () => {
    for (const query of SPECIFIED) assert.ok(((await server?.vector(query)) ?? []).length > 0, query);
  });

  it("says the share within a target exactly, by the bucket at the target", async () => {
    const upTo = await server?.value('sum(build_duration_seconds_bucket{le=~"60(\\\\.0)?"})');
    const all = await server?.value("sum(build_duration_seconds_count)");
    assert.ok(all !== undefined && all > 50);
    assert.equal(upTo, all);
    assert.equal(sample.panels["112"]?.[0]?.points[0]?.[1], 1);
  });
});
