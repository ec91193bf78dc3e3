import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alerts } from "../../observability/alerts";
import { recordingRules } from "../../observability/recordingRules";
import type { AlertingRule } from "../../observability/rule";

/** Samples a minute apart in promtool's notation: `0+1x90` rises by 1, `5x90` stays, `_x5` are none. */
export type Samples = Record<string, string>;

/** An alert as it is when it fires. */
export interface Firing {
  labels?: Record<string, string>;
  summary: string;
}

/** A scenario and what fires in it: at each time of each alert that is named. */
export interface Scenario {
  name: string;
  samples: Samples;
  /** Alerts by time, such as `80m`; `undefined`: it is silent. */
  expected: Record<string, Record<string, Firing | undefined>>;
  /** Recorded figures that are not there at the times given. */
  absent?: Record<string, readonly string[]>;
}

export const ALERTS: readonly AlertingRule[] = alerts()
  .flatMap(({ rules }) => rules)
  .flatMap((rule) => ("alert" in rule ? [rule] : []));

export const RECORDED: readonly string[] = recordingRules()
  .flatMap(({ rules }) => rules)
  .flatMap((rule) => ("record" in rule ? [rule.record] : []));

export function ruleOf(name: string): AlertingRule {
  const rule = ALERTS.find(({ alert }) => alert === name);
  assert.ok(rule, name);
  return rule;
}

/** Prometheus's own tool is there. */
export const hasPromtool = (): boolean => spawnSync("promtool", ["--version"]).status === 0;

const minutesOf = (time: string): number => Number.parseFloat(time) * (time.endsWith("h") ? 60 : 1);

/** A sample for each so many minutes, up to a time: what lies between is not needed to tell what happens over days. */
function thinned(values: string, step: number, until: number): string {
  const all: string[] = [];
  for (const part of values.split(" ")) {
    const [, start = "", rise = "0", count = "0"] =
      /^(_|[\d.e]+)(?:\+([\d.e]+))?(?:x(\d+))?$/.exec(part) ?? [];
    // `_x3` are three, `1x3` are the first and three more.
    const length = Number(count) + (start === "_" && part.includes("x") ? 0 : 1);
    for (let index = 0; index < length && all.length <= until; index += 1)
      all.push(start === "_" ? "_" : String(Number(start) + index * Number(rise)));
  }
  return all.filter((_, index) => index % step === 0).join(" ");
}

/** Minutes between evaluations, and between samples: what shows after a day needs no minute of it. */
const SHORT = { evaluation: 10, sample: 1 };
const LONG = { evaluation: 120, sample: 10 };
const endOf = ({ expected }: Scenario): number => Math.max(...Object.keys(expected).map(minutesOf));

/**
 * Runs `promtool test rules` over all rules as they are shipped, in all scenarios.
 * @returns What it says of each scenario that turned out otherwise, by the scenario's name
 */
export async function promtool(scenarios: readonly Scenario[]): Promise<ReadonlyMap<string, string>> {
  const long = (scenario: Scenario): boolean => endOf(scenario) > 400;
  const said = await Promise.all([
    run(
      scenarios.filter((scenario) => !long(scenario)),
      SHORT,
    ),
    run(scenarios.filter(long), LONG),
  ]);
  const failures = new Map<string, string>();
  for (const part of said.join("").split(/(?=^ *name: )/m)) {
    const name = /^ *name: (.*),$/m.exec(part)?.[1];
    if (name !== undefined) failures.set(name, `${failures.get(name) ?? ""}${part}`);
  }
  if (failures.size === 0) assert.match(said.join(""), /^(\s*SUCCESS\s*|Unit Testing:.*)+$/);
  return failures;
}

async function run(scenarios: readonly Scenario[], step: typeof SHORT): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  try {
    const write = (name: string, content: unknown) => {
      writeFileSync(join(folder, name), JSON.stringify(content));
    };
    const groups = [...recordingRules(), ...alerts()];
    write("rules.json", { groups });
    write("test.json", {
      rule_files: ["rules.json"],
      evaluation_interval: `${step.evaluation}m`,
      group_eval_order: groups.map(({ name }) => name),
      tests: scenarios.map((scenario) => promtoolTest(scenario, step.sample)),
    });
    return await new Promise<string>((done) => {
      execFile(
        "promtool",
        ["test", "rules", "test.json"],
        { cwd: folder, maxBuffer: 2 ** 26 },
        (_, stdout, stderr) => {
          done(`${stdout}${stderr}`);
        },
      );
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const promtoolTest = (scenario: Scenario, step: number) => {
  const { name, samples, expected, absent = {} } = scenario;
  return {
    name,
    interval: `${step}m`,
    input_series: Object.entries(samples).map(([series, values]) => ({
      series,
      values: thinned(values, step, endOf(scenario)),
    })),
    alert_rule_test: Object.entries(expected).flatMap(([eval_time, at]) =>
      Object.entries(at).map(([alertname, firing]) => ({
        eval_time,
        alertname,
        exp_alerts: firing === undefined ? [] : [expectedAlert(alertname, firing)],
      })),
    ),
    promql_expr_test: Object.entries(absent).flatMap(([eval_time, figures]) =>
      figures.map((expr) => ({ expr, eval_time, exp_samples: [] })),
    ),
  };
};

function expectedAlert(name: string, { labels, summary }: Firing) {
  const rule = ruleOf(name);
  return { exp_labels: { ...rule.labels, ...labels }, exp_annotations: { ...rule.annotations, summary } };
}
