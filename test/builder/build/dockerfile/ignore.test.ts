import assert from "node:assert/strict";
import { dockerignore } from "../../../../builder/build/dockerfile/ignore";

const lines = (own: string | undefined, needed: string[] = []): string[] =>
  dockerignore({ language: ["node_modules"], own, needed })
    .trimEnd()
    .split("\n");
const PLATFORM = ["code/.git", "code/**/.DS_Store", "code/.dockerignore", "code/node_modules"];

describe("the .dockerignore of a generated Dockerfile", () => {
  it("leaves out what no image needs", () => {
    assert.deepEqual(lines(undefined), PLATFORM);
  });
  it("says the same of the source's folder as the source's own said of the top", () => {
    assert.deepEqual(lines("*\n!main.py\n/docs\n./tmp/\n**/*.log\n  spaced  \n! keep\n"), [
      ...PLATFORM,
      "code/*",
      "!code/main.py",
      "code/docs",
      "code/tmp/",
      "code/**/*.log",
      "code/spaced",
      "!code/keep",
    ]);
  });
  it("never reaches the platform's own files, nor leaves the source's folder", () => {
    assert.deepEqual(lines("../platform\n/../platform/*\na/../../platform\n!../Dockerfile\n..\n"), PLATFORM);
    assert.deepEqual(lines("/\n.\n!\n./\n"), PLATFORM);
    assert.deepEqual(lines("//platform\na/../platform\n"), [...PLATFORM, "code/platform", "code/platform"]);
  });
  it("keeps what the Dockerfile copies by name, whatever the source's own says", () => {
    assert.deepEqual(lines("*.json\n", ["package.json"]).slice(-2), ["code/*.json", "!code/package.json"]);
  });
  it("takes comments and other systems' line ends for what they are", () => {
    assert.deepEqual(lines("# a word\r\ntmp\r\n\r\n"), [...PLATFORM, "code/tmp"]);
  });
});
