import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { held, main } from "../../../tools/ciChecks/cost";

const PROJECT_FOLDER = resolve(__dirname, "..", "..", "..");
const monthlyUsd = { path: ["budget", "monthlyUsd"] };

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

  /** Checks stack `tight`: dev, or another, with one edit of its file (`undefined` takes a key out). */
  const run = (edit: { path: string[]; value: unknown; of?: string }, ...argv: string[]) => {
    const file = parseDocument(readFileSync(join(PROJECT_FOLDER, `Pulumi.${edit.of ?? "dev"}.yaml`), "utf8"));
    const [section = "", ...rest] = edit.path;
    const path = ["config", `knative-lambda:${section}`, ...rest];
    if (edit.value === undefined) file.deleteIn(path);
    else file.setIn(path, edit.value);
    writeFileSync(join(directory, "Pulumi.tight.yaml"), String(file));
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
      isRefused: false,
    });
    assert.deepEqual(held("prod", 800.01, 800), {
      line: "prod: $800.01 a month is $0.01 (0.0 %) over its budget of $800.00; take the change back, or raise budget.monthlyUsd",
      isRefused: true,
    });
    assert.match(held("prod", 1000, 800).line, /is \$200\.00 \(25\.0 %\) over/);
  });

  it("refuses a stack without a budget, which nothing would hold, and says what to write", () => {
    assert.deepEqual(held("dev", 400.5, undefined), {
      line: "dev: $400.50 a month, and nothing holds it; set budget.monthlyUsd, to 500 for a quarter more",
      isRefused: true,
    });
    const { code, err } = run({ ...monthlyUsd, value: undefined }, "--stack", "tight");
    assert.equal(code, 2);
    assert.match(err[0] ?? "", /^tight: .*, and nothing holds it; /);
  });

  describe("of the project's own stacks", () => {
    for (const stack of ["dev", "staging", "prod"]) {
      it(`lets ${stack} pass as it is, with room for no more than a third`, () => {
        const said: string[] = [];
        const say = (line: string) => said.push(line);
        assert.equal(main(["--stack", stack], PROJECT_FOLDER, { out: say, err: say }), 0);
        const [, estimate, budget] =
          /: \$([\d.]+) a month is within its budget of \$([\d.]+)$/.exec(said[0] ?? "") ?? [];
        assert.ok(Number(budget) / Number(estimate) < 4 / 3, said[0]);
      });

      it(`refuses ${stack} with an edit that costs more than its budget has room for`, () => {
        const { code, err } = run(
          { of: stack, path: ["knative", "replicas"], value: 10 },
          "--stack",
          "tight",
        );
        assert.equal(code, 2);
        assert.match(err[0] ?? "", /^tight: .* over its budget of /);
      });
    }
  });

  it("answers 2 where a stack file's estimate is over its budget, and names that stack alone", () => {
    const { code, out, err } = run({ ...monthlyUsd, value: 300 });
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
    const { code, out, err } = run({ ...monthlyUsd, value: 5000 }, "--stack", "tight");
    assert.deepEqual([code, err.length, out.length], [0, 0, 1]);
    assert.match(out[0] ?? "", /within its budget of \$5000\.00$/);
  });

  it("answers 1 for a stack file that is wrong, and 2 for arguments that are", () => {
    assert.equal(run({ ...monthlyUsd, value: -1 }, "--stack", "tight").code, 1);
    for (const argv of [["--stack", "qa"], ["--stak", "dev"], ["dev"]]) {
      const { code, err } = run({ ...monthlyUsd, value: 5000 }, ...argv);
      assert.equal(code, 2);
      assert.match(err[0] ?? "", /usage: npm run check:cost/);
    }
  });
});
