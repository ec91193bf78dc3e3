import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatted } from "../../../tools/formatted";
import { type ScaleReport, scaleReport } from "../../../tools/bench/report";
import { page } from "../../../tools/bench/table";
import { missed, TARGETS } from "../../../tools/bench/targets";

const FOLDER = join(__dirname, "..", "..", "..", "docs", "reports");

describe("the report of one builder's scale", () => {
  const report = scaleReport.parse(JSON.parse(readFileSync(join(FOLDER, "builder-scale.json"), "utf8")));

  it("meets every target, in three runs or more of a minute or more", () => {
    assert.deepEqual(missed(report), []);
    assert.ok(report.n >= 3);
    assert.ok(report.idleSeconds >= 60);
    assert.equal(report.events, 100);
  });

  it("is of functions that were Ready and left alone", () => {
    for (const { figures } of report.sizes) assert.equal(figures.idleWrites.most, 0);
  });

  it("is what its page shows", async () => {
    const path = join(FOLDER, "README.md");
    const made = await formatted(path, page(report));
    assert.equal(readFileSync(path, "utf8"), made, "npm run bench:builder makes both");
  });

  for (const { what, functions, most, read } of TARGETS)
    it(`is refused where ${functions} functions miss: ${what}`, () => {
      const worse: ScaleReport = structuredClone(report);
      for (const { functions: size, figures } of worse.sizes)
        if (size === functions)
          for (const figure of Object.values(figures))
            figure.median *= (2 * most) / (read(report)?.value ?? 1);
      assert.ok(missed(worse).some((text) => text.includes(what)));
      const without = { ...report, sizes: report.sizes.filter((size) => size.functions !== functions) };
      assert.ok(missed(without).some((text) => text.includes(what) && text.includes("not measured")));
    });
});
