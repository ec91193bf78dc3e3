import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alerts } from "../../observability/alerts";
import { recordingRules } from "../../observability/recordingRules";
import type { AlertingRule } from "../../observability/rule";

/** Samples a minute apart in promtool's notation: `0+1x90` rises by 1, `5x90` stays. */
type Samples = Record<string, string>;

interface Case {
  alert: string;
  /** Fires after an hour. */
  fault: Samples;
  labels?: Record<string, string>;
  summary: string;
  /** Never fires: as things should be, and what an alert is not for. */
  silent: Record<string, Samples>;
}

/** A histogram that was observed `each` times a minute, always between two bounds, for `minutes`; then no more. */
function observed(
  name: string,
  [lower, upper]: readonly [string, string],
  each: number,
  minutes = 90,
): Samples {
  const rising = `0+${each}x${minutes} ${each * minutes}x180`;
  const series = (suffix: string) => `${name}${suffix.replace("{", '{function_namespace="a",')}`;
  return {
    [series(`_bucket{le="${lower}"}`)]: "0x270",
    [series(`_bucket{le="${upper}"}`)]: rising,
    [series(`_bucket{le="+Inf"}`)]: rising,
    [`${name}_count{function_namespace="a"}`]: rising,
  };
}

const builds = (result: string, each: number, minutes = 90): Samples => ({
  [`builds_total{function_namespace="a",strategy="kaniko",result="${result}"}`]: `0+${each}x${minutes} ${each * minutes}x180`,
});
const cache = (hits: number, requests: number, minutes = 90): Samples => ({
  kaniko_cache_hits_total: `0+${hits}x${minutes} ${hits * minutes}x180`,
  kaniko_cache_requests_total: `0+${requests}x${minutes} ${requests * minutes}x180`,
});
const memory = (pod: string, bytes: number): Samples => ({
  [`container_memory_working_set_bytes{namespace="knative-lambda",container="kaniko",pod="${pod}"}`]: `${bytes}x90`,
});
const image = (bytes: number): Samples => ({
  'function_image_size_bytes{function_namespace="a",function="parser"}': `${bytes}x90`,
});

const cases: Case[] = [
  {
    alert: "KnativeLambdaBuildSlow",
    fault: observed("build_duration_seconds", ["60", "90"], 1),
    summary: "95th percentile of builds is 1m 28s; the target is 60s.",
    silent: {
      "builds within the target": observed("build_duration_seconds", ["30", "60"], 1),
      "a few slow builds": observed("build_duration_seconds", ["60", "90"], 0.2),
      "no build for hours": observed("build_duration_seconds", ["60", "90"], 0),
    },
  },
  {
    alert: "KnativeLambdaBuildsFailing",
    fault: { ...builds("succeeded", 1), ...builds("platform_error", 0.25) },
    summary: "20% of builds fail; at most 1% may.",
    silent: {
      "users' own errors": {
        ...builds("succeeded", 1),
        ...builds("platform_error", 0),
        ...builds("user_error", 5),
      },
      "two faults": {
        ...builds("succeeded", 1),
        'builds_total{function_namespace="a",strategy="kaniko",result="platform_error"}': "0x50 1x10 2x210",
      },
      "few faults among many builds": { ...builds("succeeded", 20), ...builds("timed_out", 0.1) },
      "no build for hours": { ...builds("succeeded", 0), ...builds("platform_error", 0) },
    },
  },
  {
    alert: "KnativeLambdaCacheHitRateLow",
    fault: cache(2, 4),
    summary: "50% of cacheable instructions come from Kaniko's cache; the target is 70%.",
    silent: {
      "SRE-002's 75 %": cache(3, 4),
      "too few instructions to tell": cache(0, 1),
      "no build for hours": cache(0, 0),
    },
  },
  {
    alert: "KnativeLambdaBuildMemoryHigh",
    fault: { ...memory("build-a-1-aaaaa", 2 * 1024 ** 3), ...memory("build-b-1-aaaaa", 1024 ** 3) },
    summary: "95th percentile of builds' peak memory is 1.95GiB; the target is 1.5GiB.",
    silent: {
      "builds of 1.2 GiB": memory("build-a-1-aaaaa", 1.2 * 1024 ** 3),
      "memory of something else": {
        'container_memory_working_set_bytes{namespace="knative-lambda",container="user-container",pod="f"}':
          "4e9x90",
      },
    },
  },
  {
    alert: "KnativeLambdaColdStartSlow",
    fault: observed("function_cold_start_duration_seconds", ["3", "4"], 1),
    summary: "95th percentile of cold starts is 3.95s; the target is 3s.",
    silent: {
      "cold starts within the target": observed("function_cold_start_duration_seconds", ["2.5", "3"], 1),
      "a few slow ones": observed("function_cold_start_duration_seconds", ["3", "4"], 0.2),
      "no cold start for hours": observed("function_cold_start_duration_seconds", ["3", "4"], 0),
    },
  },
  {
    alert: "KnativeLambdaImageLarge",
    fault: image(450e6),
    labels: { function_namespace: "a", function: "parser" },
    summary: "The image of a/parser has 450MB; the target is 400MB.",
    silent: { "SRE-002's 320 MB": image(320e6), "exactly 400 MB": image(400e6) },
  },
];

const rule = (alert: string): AlertingRule => {
  const found = alerts()
    .flatMap(({ rules }) => rules)
    .find((each) => "alert" in each && each.alert === alert);
  assert.ok(found && "alert" in found, alert);
  return found;
};

/** Runs `promtool test rules`; what it checks: that of all alerts only those expected fire, with labels and texts. */
function promtool(series: Samples, at: Record<string, Case | undefined>, absent: string[] = []): void {
  const folder = mkdtempSync(join(tmpdir(), "rules-"));
  try {
    const write = (name: string, content: unknown) => {
      writeFileSync(join(folder, name), JSON.stringify(content));
    };
    write("rules.json", { groups: [...recordingRules(), ...alerts()] });
    write("test.json", {
      rule_files: ["rules.json"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: Object.entries(at).flatMap(([eval_time, firing]) =>
            cases.map(({ alert }) => ({
              eval_time,
              alertname: alert,
              exp_alerts:
                firing?.alert === alert
                  ? [
                      {
                        exp_labels: { ...rule(alert).labels, ...firing.labels },
                        exp_annotations: { ...rule(alert).annotations, summary: firing.summary },
                      },
                    ]
                  : [],
            })),
          ),
          promql_expr_test: absent.map((expr) => ({ expr, eval_time: "80m", exp_samples: [] })),
        },
      ],
    });
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", "test.json"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("alerts, evaluated by Prometheus", function () {
  before(function () {
    // Prometheus's own tool; the rules' structure is tested without it.
    if (spawnSync("promtool", ["--version"]).status !== 0) this.skip();
  });

  it("are each tried here", () => {
    assert.deepEqual(
      cases.map(({ alert }) => alert),
      alerts().flatMap(({ rules }) => rules.map((each) => "alert" in each && each.alert)),
    );
  });

  it("are silent where there is no data at all", () => {
    promtool({ 'up{job="other"}': "1x90" }, { "0m": undefined, "90m": undefined });
  });

  for (const each of cases) {
    it(`${each.alert} fires on its fault, alone, and not at once`, () => {
      promtool(each.fault, { "1m": undefined, "80m": each });
    });
    for (const [what, samples] of Object.entries(each.silent))
      it(`${each.alert} is silent on ${what}`, () => {
        promtool(samples, { "45m": undefined, "80m": undefined });
      });
  }

  it("rest on figures that are not recorded of an idle hour", () => {
    const idle = {
      ...observed("build_duration_seconds", ["60", "90"], 0),
      ...observed("function_cold_start_duration_seconds", ["3", "4"], 0),
      ...builds("succeeded", 0),
      ...builds("platform_error", 0),
      ...cache(0, 0),
    };
    const figures = recordingRules().flatMap(({ rules }) =>
      rules.flatMap((each) => ("record" in each ? [each.record] : [])),
    );
    assert.equal(figures.length, 6);
    promtool(idle, { "80m": undefined }, figures);
  });

  it("resolve within two hours of the last slow build or start, fault, miss", () => {
    promtool(
      {
        ...observed("build_duration_seconds", ["60", "90"], 1),
        ...observed("function_cold_start_duration_seconds", ["3", "4"], 1),
        ...builds("succeeded", 0),
        ...builds("platform_error", 1),
        ...cache(1, 4),
        ...memory("build-a-1-aaaaa", 2 * 1024 ** 3),
        ...image(450e6),
      },
      { "210m": undefined },
    );
  });
});
