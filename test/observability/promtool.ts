import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alerts } from "../../observability/alerts";
import { recordingRules } from "../../observability/recordingRules";
import type { AlertingRule, RuleGroup } from "../../observability/rule";
import { metricsIn } from "./promqlCheck";

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
const SHORT = { evaluation: 20, sample: 1 };
const LONG = { evaluation: 240, sample: 10 };
const endOf = ({ expected }: Scenario): number => Math.max(...Object.keys(expected).map(minutesOf));

/** Rules of which a scenario has a metric. All others have nothing to select, and of nothing no rule makes anything: they are left out to save time. */
function rulesFor(samples: Samples): RuleGroup[] {
  const there = new Set(Object.keys(samples).map((series) => series.split("{")[0] ?? ""));
  const selects = ({ expr }: { expr: string }) => metricsIn(expr).some((name) => there.has(name));
  const groups = [...recordingRules(), ...alerts()].map(({ name, rules }) => ({
    name,
    rules: rules.filter((rule) => {
      if (!selects(rule)) return false;
      if ("record" in rule) there.add(rule.record);
      return true;
    }),
  }));
  return groups.filter(({ rules }) => rules.length > 0);
}

/**
 * Runs `promtool test rules` over the rules as they are shipped, in all scenarios.
 * @returns What it says of each scenario that turned out otherwise, by the scenario's name
 */
export async function promtool(scenarios: readonly Scenario[]): Promise<ReadonlyMap<string, string>> {
  const runs = new Map<string, { groups: RuleGroup[]; step: typeof SHORT; scenarios: Scenario[] }>();
  for (const scenario of scenarios) {
    const groups = rulesFor(scenario.samples);
    const step = endOf(scenario) > 400 ? LONG : SHORT;
    const key = JSON.stringify([groups, step]);
    const run = runs.get(key) ?? { groups, step, scenarios: [] };
    runs.set(key, run);
    run.scenarios.push(scenario);
  }
  const left = [...runs.values()];
  const said: string[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop())
      said.push(await run(next.scenarios, next.groups, next.step));
  };
  await Promise.all([work(), work()]);
  const failures = new Map<string, string>();
  for (const part of said.join("").split(/(?=^ *name: )/m)) {
    const name = /^ *name: (.*),$/m.exec(part)?.[1];
    if (name !== undefined) failures.set(name, `${failures.get(name) ?? ""}${part}`);
  }
  if (failures.size === 0) assert.match(said.join(""), /^(\s*SUCCESS\s*|Unit Testing:.*)+$/);
  return failures;
}

async function run(
  scenarios: readonly Scenario[],
  groups: readonly RuleGroup[],
  step: typeof SHORT,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  try {
    const write = (name: string, content: unknown) => {
      writeFileSync(join(folder, name), JSON.stringify(content));
    };
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
