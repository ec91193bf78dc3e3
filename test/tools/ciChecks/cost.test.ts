import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { held, main } from "../../../tools/ciChecks/cost";

const PROJECT_FOLDER = resolve(__dirname, "..", "..", "..");

describe("the check of costs", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "cost-"));
    copyFileSync(join(PROJECT_FOLDER, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
    for (const stack of ["dev", "local"])
      copyFileSync(join(PROJECT_FOLDER, `Pulumi.${stack}.yaml`), join(directory, `Pulumi.${stack}.yaml`));
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  /** Writes stack `tight`, dev with a budget, and checks. */
  const run = (budget: string, ...argv: string[]) => {
    const dev = readFileSync(join(PROJECT_FOLDER, "Pulumi.dev.yaml"), "utf8");
    writeFileSync(
      join(directory, "Pulumi.tight.yaml"),
      dev.replace("knative-lambda:budget:\n", `knative-lambda:budget:\n    ${budget}\n`),
    );
    const said = { out: [] as string[], err: [] as string[] };
    const code = main(argv, directory, {
      out: (line) => said.out.push(line),
      err: (line) => said.err.push(line),
    });
    return { code, ...said };
  };

  it("lets an estimate pass that is the budget to the cent, and refuses a cent more, saying by how much", () => {
    assert.deepEqual(held("prod", 800, 800), {
      line: "prod: $800.00 a month is within its budget of $800.00",
      isOver: false,
    });
    assert.deepEqual(held("prod", 800.01, 800), {
      line: "prod: $800.01 a month is $0.01 (0.0 %) over its budget of $800.00; take the change back, or raise budget.monthlyUsd",
      isOver: true,
    });
    assert.match(held("prod", 1000, 800).line, /is \$200\.00 \(25\.0 %\) over/);
  });

  it("says of a stack without a budget that nothing holds it", () => {
    assert.deepEqual(held("dev", 400.5, undefined), {
      line: "dev: $400.50 a month; budget.monthlyUsd is not set, so nothing holds it",
      isOver: false,
    });
  });

  it("answers 2 where a stack file's estimate is over its budget, and names that stack alone", () => {
    const { code, out, err } = run("monthlyUsd: 300\n    emails: [platform@example.com]");
    assert.equal(code, 2);
    assert.equal(err.length, 1);
    assert.match(
      err[0] ?? "",
      /^tight: \$[\d.]+ a month is \$[\d.]+ \(\d+\.\d %\) over its budget of \$300\.00; /,
    );
    assert.deepEqual(
      out.map((line) => line.split(":")[0]),
      ["dev", "local"],
    );
    assert.match(out[1] ?? "", /^local: Not estimated: /);
  });

  it("answers 0 where it is within, and looks at no other stack than is asked", () => {
    const { code, out, err } = run(
      "monthlyUsd: 5000\n    emails: [platform@example.com]",
      "--stack",
      "tight",
    );
    assert.deepEqual([code, err.length, out.length], [0, 0, 1]);
    assert.match(out[0] ?? "", /within its budget of \$5000\.00$/);
  });

  it("answers 1 for a stack file that is wrong, and 2 for arguments that are", () => {
    assert.equal(run("monthlyUsd: -1", "--stack", "tight").code, 1);
    const budget = "monthlyUsd: 5000\n    emails: [platform@example.com]";
    for (const argv of [["--stack", "qa"], ["--stak", "dev"], ["dev"]]) {
      const { code, err } = run(budget, ...argv);
      assert.equal(code, 2);
      assert.match(err[0] ?? "", /usage: npm run check:cost/);
    }
  });
});
