import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { formatted } from "../../tools/formatted";
import { PAGE, pageWithTables } from "../../tools/reliability/page";
import type { FaultsReport } from "../../tools/reliability/report";

const run = (recoverySeconds: number, load: number): FaultsReport["runs"][number] => ({
  date: "2026-11-01T12:00:00.000Z",
  commit: "a".repeat(40),
  machine: { cpu: "a core", cores: 2, memoryGiB: 24 },
  load,
  builders: 3,
  figures: { "requests for a build": 30 },
  faults: [
    { fault: "registry gone", functions: 30, changed: 7, readyAtEnd: 0, recoverySeconds, wholeSeconds: 60 },
  ],
});

describe("docs/reliability.md", () => {
  it("has its tables from the reports", async () => {
    const page = readFileSync(PAGE, "utf8");
    const text = await formatted(PAGE, pageWithTables(page));
    assert.equal(page, text, "run npm run docs");
  });

  it("shows the median of several runs, and their spread", () => {
    const page = pageWithTables(readFileSync(PAGE, "utf8"), () => ({
      runs: [run(20, 1.5), run(31.5, 9), run(22.5, 2)],
    }));
    assert.ok(page.includes("| registry gone | 30 (7) | 3 | 0 | 22.5 (20 to 31.5) s |"), page);
    assert.ok(page.includes("| requests for a build | 3 | 30 |"));
    assert.ok(page.includes("load 2 (1.5 to 9)."));
  });

  it("says so where there is no run", () => {
    assert.ok(
      pageWithTables(readFileSync(PAGE, "utf8"), () => ({ runs: [] })).includes("No run is on record."),
    );
  });
});
