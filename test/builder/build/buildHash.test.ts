import assert from "node:assert/strict";
import fc from "fast-check";
import { buildHash, type BuildHashInput, buildTag, freshnessPeriod } from "../../../builder/build/buildHash";
import { hashOf } from "../../../builder/build/hash";
import { readPackageIndexes } from "../../../builder/build/packageIndexes";
import { renderBuild } from "../../../builder/build/renderBuild";
import { BASES, NO_INDEXES, sourceOf } from "./support/source";

function input(
  change: Partial<BuildHashInput> = {},
  files: Record<string, string> = { "main.py": "", "app.py": "" },
  handler = "main.handler",
  version?: string,
): BuildHashInput {
  const source = sourceOf("python", files, handler, version);
  return {
    source,
    plan: renderBuild(source, BASES.python, NO_INDEXES),
    bases: BASES.python,
    platform: "linux/amd64",
    indexes: NO_INDEXES,
    ...change,
  };
}

describe("the hash of a build", () => {
  const base = buildHash(input());

  it("is the same for the same inputs", () => {
    assert.match(base, /^[0-9a-f]{64}$/);
    assert.equal(buildHash(input()), base);
  });

  const plan = input().plan;
  const others: [what: string, input: BuildHashInput][] = [
    ["the source", input({}, { "main.py": "x", "app.py": "" })],
    ["a file that nothing imports", input({}, { "main.py": "", "app.py": "", "notes.txt": "" })],
    ["the handler's function", input({}, undefined, "main.other")],
    ["the handler's module", input({}, undefined, "app.handler")],
    ["the language's version", input({}, undefined, undefined, "3.12")],
    ["a base image", input({ bases: { ...BASES.python, runtime: BASES.nodejs.runtime } })],
    ["the platform", input({ platform: "linux/arm64" })],
    [
      "a package index",
      input({ indexes: readPackageIndexes({ "pip.conf": "[global]\nindex-url=https://x.example.com" }) }),
    ],
    ["the lockfile", input({ plan: { ...plan, lockfile: { ...plan.lockfile, hash: "other" } } })],
    ["the lockfile's kind", input({ plan: { ...plan, lockfile: { ...plan.lockfile, kind: "ranges" } } })],
    ["a build argument", input({ plan: { ...plan, buildArgs: { A: "1" } } })],
    ["a Dockerfile of its own", input({ plan: { ...plan, ownDockerfile: true } })],
    ["the templates' version", input({ plan: { ...plan, templateVersion: plan.templateVersion + 1 } })],
    ["a forced build", input({ forced: "uid/2" })],
    ["the next forced build", input({ forced: "uid/3" })],
    ["the period", input({ period: 1 })],
    ["the next period", input({ period: 2 })],
  ];
  for (const [what, other] of others)
    it(`is another with ${what}`, () => {
      const hashes = others.map(([, each]) => buildHash(each));
      assert.notEqual(buildHash(other), base);
      assert.equal(
        hashes.filter((hash) => hash === buildHash(other)).length,
        1,
        "and another than with any of the others",
      );
    });

  it("makes a tag that registries take, and that holds all of it", () => {
    assert.match(buildTag(base), /^\w[\w.-]{0,127}$/);
    assert.ok(buildTag(base).endsWith(base));
    assert.ok(!buildTag(base).startsWith("live-"));
  });

  it("is made of values that can't run into each other", () => {
    const texts = fc.array(fc.string(), { maxLength: 4 });
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        assert.equal(hashOf(a) === hashOf(b), JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    assert.notEqual(hashOf(["a", "b"]), hashOf(["a,b"]));
    assert.notEqual(hashOf([["a"], "b"]), hashOf(["a", ["b"]]));
    assert.notEqual(hashOf(["1"]), hashOf([1]));
  });
});

describe("what grows old", () => {
  const TTL = 72 * 3600;
  const hash = "8".repeat(64);
  const at = (seconds: number): number => freshnessPeriod(hash, new Date(seconds * 1000), TTL);

  it("is fresh for no longer than its time", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => {
        assert.equal(at(seconds + TTL), at(seconds) + 1);
      }),
    );
  });
  it("doesn't grow old at the same moment as everything else", () => {
    const ends = new Set(
      Array.from({ length: 50 }, (_, index) => {
        const own = hashOf([index]);
        for (let hour = 0; ; hour += 1)
          if (freshnessPeriod(own, new Date(hour * 3600e3), TTL) > freshnessPeriod(own, new Date(0), TTL))
            return hour;
      }),
    );
    assert.ok(ends.size > 20, `${ends.size} different hours`);
  });
});
