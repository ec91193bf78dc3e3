import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { alerts } from "../../observability/alerts";
import { recordingRules } from "../../observability/recordingRules";
import type { AlertingRule } from "../../observability/rule";
import { RUNBOOKS } from "../../observability/runbooks";
import { comparisons, problemsOf } from "./promqlCheck";

const alerting = alerts().flatMap(({ rules }) => rules) as AlertingRule[];
const recording = recordingRules().flatMap(({ rules }) =>
  rules.flatMap((rule) => ("record" in rule ? [rule.record] : [])),
);

describe("the rules", () => {
  it("record each figure of SRE-002's targets under one name", () => {
    assert.deepEqual(
      recording.filter((name) => !name.includes("error_ratio")),
      [
        "platform:build_duration_seconds:p50_1h",
        "platform:build_duration_seconds:p95_1h",
        "platform:build_duration_seconds:p95_1d",
        "platform:function_cold_start_duration_seconds:p95_1h",
        "platform:function_cold_start_duration_seconds:p95_1d",
        "platform:kaniko_cache_hits_total:ratio_1h",
        "platform:build_memory_working_set_bytes:p95_peak_1h",
      ],
    );
  });

  it("record the error ratio of each service level over the windows that its alerts look at", () => {
    const windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"];
    assert.deepEqual(
      recording.filter((name) => name.includes("error_ratio")),
      ["build_success", "build_time", "cold_start", "availability"].flatMap((level) =>
        windows.map((window) => `platform:${level}:error_ratio_${window}`),
      ),
    );
  });

  it("alert on each of them, and on the platform's own parts", () => {
    assert.deepEqual(
      alerting.map(({ alert, labels }) => `${alert.replace(/^KnativeLambda/, "")} ${labels.severity}`),
      [
        "BuildSlow warning",
        "BuildsFailing critical",
        "CacheHitRateLow warning",
        "BuildMemoryHigh warning",
        "ColdStartSlow warning",
        "FunctionsUnavailable critical",
        "ImageLarge info",
        "QueueStuck critical",
        "QueueLong warning",
        "JobLimitSaturated warning",
        "BuilderDown critical",
        "MetricsMissing warning",
        "WatchSilent critical",
        "RegistryThrottled warning",
        "TemplatesFail warning",
        "CredentialExpiring warning",
        "BuildSuccessBudgetBurnsFast critical",
        "BuildSuccessBudgetBurnsSlowly warning",
        "BuildTimeBudgetBurnsFast warning",
        "BuildTimeBudgetBurnsSlowly info",
        "ColdStartBudgetBurnsFast warning",
        "ColdStartBudgetBurnsSlowly info",
        "AvailabilityBudgetBurnsFast critical",
        "AvailabilityBudgetBurnsSlowly warning",
      ],
    );
  });

  it("parse and name only what is in the contract or recorded", () => {
    for (const rule of [...recordingRules(), ...alerts()].flatMap(({ rules }) => rules))
      assert.deepEqual(problemsOf(rule.expr), [], rule.expr);
  });

  it("compare in every alert, so that it is silent where there is nothing to compare", () => {
    for (const { expr, alert } of alerting) assert.ok(comparisons(expr) > 0, alert);
  });

  it("write thresholds as people do, without the digits that binary fractions leave behind", () => {
    for (const { expr, alert } of alerting) assert.doesNotMatch(expr, /\d\.\d{6,}/, alert);
  });

  it("name groups and rules once", () => {
    const groups = [...recordingRules(), ...alerts()].map(({ name }) => name);
    assert.deepEqual(groups, [...new Set(groups)]);
    const rules = [...recording, ...alerting.map(({ alert }) => alert)];
    assert.deepEqual(rules, [...new Set(rules)]);
  });

  it("say the value, what it means and what to do", () => {
    for (const { alert, annotations } of alerting) {
      assert.match(annotations.summary, /\{\{ \$value \| humanize/, alert);
      assert.ok(annotations.description.length > 40, alert);
      const runbook = readFileSync(annotations.runbook_url, "utf8");
      const [title = ""] = runbook.split("\n");
      assert.match(title, new RegExp(`^# .*[( ]${alert}[,)]`), annotations.runbook_url);
      const commands = /## First\n\n```bash\n([^`]+(?:`[^`]+`[^`]+)*)```/.exec(runbook)?.[1] ?? "";
      assert.ok((commands.match(/^(kubectl|aws|crane) /gm) ?? []).length >= 3, annotations.runbook_url);
    }
  });

  it("have a runbook for each alert, and none for an alert that there is not", () => {
    assert.deepEqual(readdirSync("docs/runbooks").sort(), RUNBOOKS.map((name) => `${name}.md`).sort());
    const named = new Set(alerting.map(({ annotations }) => annotations.runbook_url));
    assert.equal(named.size, RUNBOOKS.length);
    for (const file of readdirSync("docs/runbooks")) {
      const [title = ""] = readFileSync(`docs/runbooks/${file}`, "utf8").split("\n");
      for (const [name] of title.matchAll(/KnativeLambda\w+/g))
        assert.ok(
          alerting.some(({ alert }) => alert === name),
          `${name} in ${file}`,
        );
    }
  });

  it("name a runbook's address where one is given", () => {
    const [first] = alerts("https://git.example/platform/blob/main/").flatMap(
      ({ rules }) => rules,
    ) as AlertingRule[];
    assert.equal(
      first?.annotations.runbook_url,
      "https://git.example/platform/blob/main/docs/runbooks/build-slow.md",
    );
  });
});
