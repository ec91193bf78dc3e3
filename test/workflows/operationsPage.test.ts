import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { commandAnnotation } from "../../contract/annotations";
import { scripts } from "../../package.json";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
const WORKFLOWS = join(PROJECT_FOLDER, ".github", "workflows");
const read = (...path: string[]): string => readFileSync(join(PROJECT_FOLDER, ...path), "utf8");

describe("docs/operations.md", () => {
  const page = read("docs", "operations.md");
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
  /** As GitHub makes a heading's anchor. */
  const anchor = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");

  it("says how to deliver, roll back, upgrade, recover and destroy", () => {
    for (const heading of [
      "First deployment",
      "Promotion",
      "Rollback",
      "Upgrades",
      "When `pulumi up` was interrupted",
      "Disaster recovery",
      "Destroy",
    ])
      assert.ok(headings.includes(heading), heading);
    for (const part of ["Settings", "The builder's image", "Knative", "A function", "EKS"])
      assert.ok(page.includes(`\n**${part}.** `), part);
  });

  it("names only scripts and workflows that there are, and all of the workflows", () => {
    for (const [, script = ""] of page.matchAll(/npm run (?:--silent )?([\w:]+)/g))
      assert.ok(script in scripts, script);
    const workflows = readdirSync(WORKFLOWS);
    for (const name of workflows) assert.ok(page.includes(`\`${name}\``), name);
    for (const [, name = ""] of page.matchAll(/`([\w-]+\.yaml)`/g)) assert.ok(workflows.includes(name), name);
  });

  it("has each part that it, and a workflow, points to", () => {
    const anchors = headings.map(anchor);
    for (const [, to = ""] of page.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.includes(to), to);
    for (const name of readdirSync(WORKFLOWS)) {
      for (const [, heading = ""] of read(".github", "workflows", name).matchAll(
        /docs\/operations\.md, "(.+)"/g,
      ))
        assert.ok(headings.includes(heading), `${name}: ${heading}`);
    }
  });

  it("gives a function's rollback in the builder's own words", () => {
    assert.ok(page.includes(`"${commandAnnotation("function.rollback")}=`));
  });
});
