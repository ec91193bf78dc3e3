import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preview } from "../../../preview/preview";
import type { Report } from "../../../preview/report";
import { summary } from "../../../tools/ciChecks/summary";
import { standInProgram } from "../../preview/standInProgram";

describe("the summary of a pull request", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "summary-"));
    writeFileSync(join(directory, "Pulumi.yaml"), "name: knative-lambda\n");
    writeFileSync(join(directory, "Pulumi.dev.yaml"), "config: { aws:region: us-west-2 }\n");
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  /** A report as the program of a checkout answers it. */
  const report = async (...set: string[]): Promise<Report> => {
    let text = "";
    const surroundings = {
      directory,
      out: (part: string) => (text += part),
      err: (part: string) => assert.fail(part),
      colour: false,
    };
    assert.equal(await preview({ stack: "dev", json: true, set }, surroundings, standInProgram), 0);
    return JSON.parse(text) as Report;
  };

  it("has a line for each stack, and under it what changes in resources, tuning, capacity and cost", async () => {
    const before = await report();
    const after = await report("builderService.kanikoJobLimit=5", "buildNodes.capacityType=on-demand");
    const text = summary([
      { stack: "dev", before, after },
      { stack: "prod", before, after: before },
    ]);
    assert.match(
      text,
      /^\| dev \| 1 changed \| 2 changed \| \d+ → \*\*\d+\*\* \| \$[\d.]+ → \*\*\$[\d.]+\*\* \|$/m,
    );
    assert.match(text, /^\| prod \| no change \| — \| \d+ \| \$[\d.]+ \|$/m);
    const [head = "", ...details] = text.split("<details>");
    assert.match(head, /The engine's word is `pulumi preview`\./);
    assert.equal(details.length, 1);
    for (const line of [
      /^<summary>dev<\/summary>$/m,
      /^~ builder {2}kubernetes:apps\/v1:Deployment$/m,
      /^builderService\.kanikoJobLimit {2}100 → 5 {2}/m,
      /^Capacity$/m,
      /^[+-]\$[\d.]+ a month$/m,
    ])
      assert.match(details[0]?.replace(/^ +(?=[+-]\$)/gm, "") ?? "", line);
  });

  it("names a stack that is new, and one that is gone", async () => {
    const one = await report();
    const text = summary([
      { stack: "qa", before: undefined, after: one },
      { stack: "old", before: one, after: undefined },
    ]);
    assert.match(text, /^\| qa \| new \| — \| — → \*\*\d+\*\* \| — → \*\*\$[\d.]+\*\* \|$/m);
    assert.match(text, /^\| old \| gone \| — \| \d+ → \*\*—\*\* \| \$[\d.]+ → \*\*—\*\* \|$/m);
    assert.doesNotMatch(text, /<details>/);
  });

  it("stays below what GitHub takes", async () => {
    const before = await report();
    const [resource] = before.resources;
    assert.ok(resource);
    const many = Array.from({ length: 40_000 }, (_, index) => ({
      ...resource,
      parent: "one",
      urn: `urn:pulumi:dev::knative-lambda::a:b:C::${index}`,
      name: `resource-${index}`,
    }));
    const text = summary([
      { stack: "dev", before, after: { ...before, resources: [...before.resources, ...many] } },
    ]);
    assert.ok(text.length < 1_000_000);
    assert.match(text, /Cut here: the whole is in `npm run summary`\.\n$/);
  });
});
