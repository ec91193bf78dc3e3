import assert from "node:assert/strict";
import { FUNCTION_CHARACTERS, jobName } from "../../builder/build/jobName";
import { BUILD_NAMESPACE, KANIKO_CONTAINER } from "../../contract/names";
import { buildDashboard } from "../../observability/dashboard";
import { recordingRules } from "../../observability/recordingRules";
import { rows } from "../../observability/rows";
import { BUILD_POD_CHARACTERS } from "../../observability/variables";

const HASHES = ["a", "b", "1", "f"].map((digit) => digit.repeat(64));
const ATTEMPTS = Array.from({ length: 10 }, (_, index) => index + 1);
const LENGTHS = Array.from({ length: 63 }, (_, index) => index + 1);
const args = {
  kanikoJobLimit: 1,
  kaniko: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
};

/** As Kubernetes names a Job's pod: names.SimpleNameGenerator of k8s.io/apiserver cuts what the Job's controller gives at 58 and adds five. */
const podOf = (job: string): string => `${`${job}-`.slice(0, 58)}x7k2p`;
const pods = (name: string, attempts = ATTEMPTS): string[] =>
  HASHES.flatMap((hash) =>
    attempts.map((attempt) => podOf(jobName({ namespace: "functions", name }, hash, attempt))),
  );

/** Names of a length: one that has no dash, and those that have one where they are cut. */
const namesOf = (length: number): string[] => [
  ...new Set([
    "x".repeat(length),
    ...[30, 34, 35, 36, 37, 40].map((dashes) =>
      length > dashes + 2 ? `${"x".repeat(dashes)}--`.padEnd(length, "y") : "x",
    ),
  ]),
];
const NAMES = [...new Set(LENGTHS.flatMap(namesOf))];

/** What builds' memory and CPU are read by, wherever that is. */
const panels = rows(args).flatMap((row) =>
  row.panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ title, expr }))),
);
const rules = recordingRules().flatMap((group) =>
  group.rules.map((rule) => ({ title: "record" in rule ? rule.record : rule.alert, expr: rule.expr })),
);
const ofKaniko = [...panels, ...rules].flatMap(({ title, expr }) =>
  [...expr.matchAll(/container_(?:cpu|memory)_\w+\{([^}]*container="kaniko".*?)\}[),[]/g)].map(
    ([, matchers = ""]) => ({ title, matchers }),
  ),
);

/** How Grafana fills in `$function_begin` where functions are chosen: what the variable's expression takes of their names. */
function beginnings(chosen: readonly string[]): string[] {
  const variable = buildDashboard(args).templating.list?.find(({ name }) => name === "function_begin");
  const [, source = ""] = /^\/(.*)\/$/.exec(variable?.regex ?? "") ?? [];
  assert.notEqual(source, "");
  return chosen.flatMap((name) => new RegExp(source).exec(name)?.[1] ?? []);
}
const oneOf = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? "") : `(${values.join("|")})`;

/** Whether a selector takes in Kaniko's container in a pod, where these functions are chosen; undefined is "All". */
function selector(matchers: string, chosen: readonly string[] | undefined): (pod: string) => boolean {
  const filled = matchers
    .replaceAll("$function_begin", oneOf(beginnings(chosen ?? NAMES)))
    .replaceAll("$function", chosen === undefined ? ".*" : oneOf(chosen))
    .replaceAll("$environment", ".*");
  const tests = [...filled.matchAll(/(\w+)(=~?)"([^"]*)"/g)].map(([, label = "", operator, value = ""]) => {
    const pattern = new RegExp(`^(?:${value})$`);
    return { label, accepts: (text: string) => (operator === "=" ? text === value : pattern.test(text)) };
  });
  return (pod) => {
    const labels: Record<string, string> = { namespace: BUILD_NAMESPACE, container: KANIKO_CONTAINER, pod };
    return tests.every(({ label, accepts }) => accepts(labels[label] ?? ""));
  };
}

describe("CPU and memory of builds", () => {
  it("are read in the panels, the figure of SRE-002's target and the rule behind the alert", () => {
    const titles = ofKaniko.map(({ title }) => title);
    for (const title of [
      "Resource utilization: CPU of builds",
      "Resource utilization: memory of builds",
      "Memory of a build, p95 of peaks",
      "platform:build_memory_working_set_bytes:p95_peak_1h",
    ])
      assert.ok(titles.includes(title), title);
  });

  it("are of every build, of functions with names of every length, at every attempt", () => {
    for (const { title, matchers } of ofKaniko) {
      const takes = selector(matchers, undefined);
      for (const pod of NAMES.flatMap((name) => pods(name))) assert.ok(takes(pod), `${title}: ${pod}`);
    }
  });

  it("are of every build of the functions chosen, of one as of two", () => {
    for (const { title, matchers } of ofKaniko)
      for (const name of NAMES)
        for (const chosen of [[name], [name, "another"]]) {
          const takes = selector(matchers, chosen);
          for (const pod of pods(name)) assert.ok(takes(pod), `${title}: ${pod} of ${chosen.join()}`);
        }
  });

  it("are of no function whose name begins alike, as far as a pod's name has it", () => {
    const pairs = [
      ["parser", "parser-1"],
      ["parser", "parser-1234567890"],
      ["parser", "parser-1234567890-2"],
      ["a", "a-b"],
      ["x".repeat(35), "x".repeat(36)],
      ["x".repeat(35), "x".repeat(63)],
    ] as const;
    for (const { title, matchers } of ofKaniko.filter(({ matchers: all }) => all.includes("pod=")))
      for (const [one, other] of [...pairs, ...pairs.map(([a, b]) => [b, a] as const)]) {
        const takes = selector(matchers, [one]);
        for (const pod of pods(other)) assert.ok(!takes(pod), `${title}: ${pod} is none of ${one}`);
      }
  });

  it("know how much of a function's name a pod has", () => {
    assert.equal(BUILD_POD_CHARACTERS, FUNCTION_CHARACTERS);
  });

  it("are of pods that can be told apart: a Job's whole name is in its pod's", () => {
    for (const name of NAMES)
      for (const hash of HASHES)
        for (const attempt of ATTEMPTS) {
          const job = jobName({ namespace: "functions", name }, hash, attempt);
          assert.ok(podOf(job).startsWith(`${job}-`), job);
        }
  });
});
