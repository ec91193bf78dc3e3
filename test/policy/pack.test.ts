import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { version as projectVersion } from "../../package.json";
import { version as packVersion } from "../../policy/package.json";
import { PAGE } from "../../policy/kit/facts";
import { SEVERITIES } from "../../policy/kit/severity";
import { groups, policies } from "../../policy/policies";
import { policiesPage } from "../../tools/policiesPage";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
const page = readFileSync(join(PROJECT_FOLDER, PAGE), "utf8");

const kebab = (file: string): string => file.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

describe("the policy pack", () => {
  for (const [group, members] of Object.entries(groups))
    it(`has one policy for each file in policy/${group}, named after it`, () => {
      const files = readdirSync(join(PROJECT_FOLDER, "policy", group)).map((file) =>
        file.replace(/\.ts$/, ""),
      );
      assert.deepEqual(members.map(({ name }) => name).sort(), files.map(kebab).sort());
    });

  it("has the project's version", () => {
    assert.equal(packVersion, projectVersion);
  });

  it("has every name once", () => {
    assert.equal(new Set(policies.map(({ name }) => name)).size, policies.length);
  });

  for (const policy of policies)
    it(`${policy.name} says what must be, how bad it is, what to do, and where that is written`, () => {
      assert.match(policy.description, /^[A-Z][^\n]+\.$/);
      assert.ok((policy.remediationSteps ?? "").length > 20);
      assert.equal(policy.url, `${PAGE}#${policy.name}`);
      assert.ok(policy.severity !== undefined);
      assert.equal(policy.enforcementLevel, SEVERITIES[policy.severity].level);
      assert.ok(page.includes(`### ${policy.name}\n`));
      for (const [key, schema] of Object.entries(policy.configSchema?.properties ?? {})) {
        assert.ok(schema.default !== undefined, `${key} has a default, so that the pack runs bare`);
        assert.ok(page.includes(`\`${key}\``));
      }
    });

  it("is described in docs/policies.md as it is", () => {
    assert.equal(page, policiesPage(), "run `npm run docs`");
  });

  it("has no policy that catches the SDK's unknown-value error", () => {
    const files = ["kit", ...Object.keys(groups)].flatMap((folder) =>
      readdirSync(join(PROJECT_FOLDER, "policy", folder)).map((file) =>
        join(PROJECT_FOLDER, "policy", folder, file),
      ),
    );
    for (const file of files) {
      const catches = /\bcatch\b[^}]*\}/s.exec(readFileSync(file, "utf8"));
      if (catches !== null)
        assert.match(catches[0], /instanceof SyntaxError\) return[^}]*throw error/s, file);
    }
  });
});
