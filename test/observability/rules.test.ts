import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { alerts } from "../../observability/alerts";
import { recordingRules } from "../../observability/recordingRules";
import type { AlertingRule } from "../../observability/rule";
import { problemsOf } from "./promqlCheck";

const alerting = alerts().flatMap(({ rules }) => rules) as AlertingRule[];

describe("the rules", () => {
  it("record each figure of SRE-002's targets under one name", () => {
    assert.deepEqual(
      recordingRules().flatMap(({ rules }) => rules.map((rule) => "record" in rule && rule.record)),
      [
        "platform:build_duration_seconds:p50_1h",
        "platform:build_duration_seconds:p95_1h",
        "platform:builds_total:fault_ratio_1h",
        "platform:function_cold_start_duration_seconds:p95_1h",
        "platform:kaniko_cache_hits_total:ratio_1h",
        "platform:build_memory_working_set_bytes:p95_peak_1h",
      ],
    );
  });

  it("alert on each of them", () => {
    assert.deepEqual(
      alerting.map(({ alert, labels }) => `${alert} ${labels.severity}`),
      [
        "KnativeLambdaBuildSlow warning",
        "KnativeLambdaBuildsFailing critical",
        "KnativeLambdaCacheHitRateLow warning",
        "KnativeLambdaBuildMemoryHigh warning",
        "KnativeLambdaColdStartSlow warning",
        "KnativeLambdaImageLarge info",
      ],
    );
  });

  it("parse and name only what is in the contract or recorded", () => {
    for (const rule of [...recordingRules(), ...alerts()].flatMap(({ rules }) => rules))
      assert.deepEqual(problemsOf(rule.expr), [], rule.expr);
  });

  it("compare in every alert, so that it is silent where there is nothing to compare", () => {
    for (const { expr, alert } of alerting) assert.match(expr, / [<>] [\d.]+( and |$)/, alert);
  });

  it("say the value, what it means and what to do", () => {
    for (const { alert, annotations } of alerting) {
      assert.match(annotations.summary, /\{\{ \$value \| humanize/, alert);
      assert.ok(annotations.description.length > 40, alert);
      const runbook = readFileSync(annotations.runbook_url, "utf8");
      assert.match(runbook, new RegExp(`^# .*\\(${alert}\\)\n`), annotations.runbook_url);
      const commands = /## First\n\n```bash\n([^`]+)```/.exec(runbook)?.[1] ?? "";
      assert.ok((commands.match(/^(kubectl|aws|crane) /gm) ?? []).length >= 3, annotations.runbook_url);
    }
  });
});
