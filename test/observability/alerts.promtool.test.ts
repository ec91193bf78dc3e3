import assert from "node:assert/strict";
import { CASES } from "./alertCases";
import { ALERTS, type Firing, hasPromtool, promtool, RECORDED, type Scenario } from "./promtool";
import { healthy, idle } from "./scenarios";

const names = ALERTS.map(({ alert }) => alert);
type At = Record<string, Firing | undefined>;
/** What fires, of all alerts but those that may. */
const only = (firing: At, may: readonly string[] = []): At => ({
  ...Object.fromEntries(names.filter((name) => !may.includes(name)).map((name) => [name, undefined])),
  ...firing,
});
const none = only({});

const TIMES = [
  { "0m": none, "80m": none },
  { "8h": none, "28h": none },
];
const STANDING: readonly Scenario[] = TIMES.flatMap((expected) => [
  { name: "a healthy system", samples: healthy, expected },
  // A figure of nothing would be one that means nothing.
  {
    name: "an idle system",
    samples: idle,
    expected,
    absent: { [Object.keys(expected).at(-1) ?? ""]: RECORDED },
  },
  { name: "no data", samples: { 'up{job="other"}': "1x1700" }, expected },
]);

const FAULTS: readonly Scenario[] = Object.entries(CASES).flatMap(([alert, { faults }]) =>
  Object.entries(faults).map(([name, { samples, fires = "80m", resolved, also, labels, summary }]) => ({
    name: `${alert} fires on ${name}`,
    samples,
    expected: {
      "0m": none,
      [fires]: only({ [alert]: { summary, ...(labels === undefined ? {} : { labels }) } }, also),
      [resolved]: { [alert]: undefined },
    },
  })),
);

const SILENT: readonly Scenario[] = Object.entries(CASES).flatMap(([alert, { silent }]) =>
  Object.entries(silent).map(([name, samples]) => ({
    name: `${alert} is silent on ${name}`,
    samples,
    expected: { [alert.endsWith("Slowly") ? "1680m" : "80m"]: { [alert]: undefined } },
  })),
);

describe("alerts, evaluated by Prometheus", function () {
  let failures: ReadonlyMap<string, string>;
  before(async function () {
    // Prometheus's own tool; the rules' structure is tested without it.
    if (!hasPromtool()) this.skip();
    failures = await promtool([...STANDING, ...FAULTS, ...SILENT]);
  });
  const holds = (name: string): void => {
    assert.equal(failures.get(name) ?? "", "");
  };

  it("are each tried here", () => {
    assert.deepEqual(Object.keys(CASES).sort(), [...names].sort());
  });

  for (const name of new Set(STANDING.map((scenario) => scenario.name)))
    it(`are all silent on ${name}`, () => {
      holds(name);
    });

  for (const { name } of FAULTS)
    it(`${name}, not at once, with no other that has no reason to, and resolves`, () => {
      holds(name);
    });

  for (const { name } of SILENT)
    it(name, () => {
      holds(name);
    });
});
