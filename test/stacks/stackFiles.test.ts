import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { readStackFile, stacksIn } from "../../preview/stackFile";
import { parseSettings, PROJECT } from "../../settings";
import { schema } from "../../settings/schema";
import { settingsTable } from "../../settings/table";
import { readmeWithTable } from "../../tools/settingsTable";

const FOLDER = resolve(__dirname, "..", "..");
const fileOf = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

interface Declaration {
  type: string;
  default: unknown;
  description: string;
}

describe("the project's files", () => {
  const declared = (parse(fileOf("Pulumi.yaml")) as { config: Record<string, Declaration> }).config;
  const rows = new Map(settingsTable().map((row) => [row.key, row]));

  it("declare in Pulumi.yaml what the schemas say of the same keys, word for word", () => {
    assert.deepEqual(Object.keys(declared), ["target", "protect"]);
    for (const [key, declaration] of Object.entries(declared)) {
      const row = rows.get(key);
      assert.equal(JSON.stringify(declaration.default), row?.default, key);
      assert.equal(declaration.description, row?.description, key);
    }
  });

  it("are the four environments", () => {
    assert.deepEqual(stacksIn(FOLDER), ["dev", "local", "prod", "staging"]);
  });

  it("hold no key that the schemas don't know, and no value that they refuse", () => {
    for (const stack of stacksIn(FOLDER)) {
      const { config } = readStackFile(FOLDER, stack);
      const values = Object.fromEntries(
        Object.entries(config)
          .filter(([key]) => key.startsWith(`${PROJECT}:`))
          .map(([key, value]) => [key.slice(PROJECT.length + 1), value]),
      );
      const region = config["aws:region"];
      assert.doesNotThrow(
        () => parseSettings({ stack, region: typeof region === "string" ? region : undefined, values }),
        stack,
      );
    }
  });

  it("list every setting in the README as the schemas have it", () => {
    const readme = fileOf("README.md");
    assert.equal(readmeWithTable(readme), readme, "run `npm run docs`");
  });

  it("leave no setting without a description", () => {
    assert.deepEqual(
      [...rows.values()].filter(({ description }) => description === "").map(({ key }) => key),
      [],
    );
  });

  it("have a section in the schemas for each that the README's recipes name", () => {
    const recipes = fileOf("README.md").split("## The usual tweaks")[1]?.split("\n## ")[0] ?? "";
    const named = [...recipes.matchAll(/`([a-zA-Z]+)\.[a-zA-Z.]+/g)].map(([, section = ""]) => section);
    assert.ok(named.length > 5);
    for (const section of named) assert.ok(section in schema.shape, section);
  });
});
