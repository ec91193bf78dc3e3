import assert from "node:assert/strict";
import { readNodePackages } from "../../../../builder/build/dependencies/packageJson";
import { UserError } from "../../../../builder/types";

const LOCK = JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/a": { version: "1.0.0" } } });
const read = (files: Record<string, string | object>, sourceHash = "source") =>
  readNodePackages(
    new Map(
      Object.entries(files).map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
    sourceHash,
  );

describe("package.json", () => {
  it("that is not there, or asks for nothing, has nothing installed", () => {
    for (const files of [
      {},
      { "package.json": { name: "x" } },
      { "package.json": { devDependencies: { mocha: "1" } }, "package-lock.json": LOCK },
    ]) {
      const { any, lockfile } = read(files);
      assert.equal(any, false);
      assert.equal(lockfile.kind, "none");
    }
  });

  it("with a lockfile is locked, and without one is not", () => {
    const asks = { dependencies: { a: "^1" } };
    assert.equal(read({ "package.json": asks, "package-lock.json": LOCK }).lockfile.kind, "locked");
    assert.equal(read({ "package.json": asks, "npm-shrinkwrap.json": LOCK }).lockfile.kind, "locked");
    assert.equal(read({ "package.json": asks }).lockfile.kind, "ranges");
    assert.equal(read({ "package.json": { dependencies: { a: "1.0.0" } } }).lockfile.kind, "ranges");
  });

  it("counts optional and peer packages, which npm installs as well", () => {
    assert.equal(read({ "package.json": { optionalDependencies: { a: "1" } } }).any, true);
    assert.equal(read({ "package.json": { peerDependencies: { a: "1" } } }).any, true);
  });

  it("is copied with what npm reads beside it, and nothing else", () => {
    const files = {
      "package.json": { dependencies: { a: "1" } },
      "package-lock.json": LOCK,
      ".npmrc": "registry=https://npm.example.com",
      "binding.gyp": "",
    };
    assert.deepEqual(read(files).manifests, ["package.json", "package-lock.json", ".npmrc"]);
  });

  const whole: [what: string, files: Record<string, string | object>][] = [
    ["a package in a folder", { "package.json": { dependencies: { mine: "file:./lib" } } }],
    ["a linked package", { "package.json": { dependencies: { mine: "link:../lib" } } }],
    ["workspaces", { "package.json": { workspaces: ["packages/*"] } }],
    [
      "a script of its own",
      { "package.json": { dependencies: { a: "1" }, scripts: { postinstall: "node setup.js" } } },
    ],
    ["code to compile", { "package.json": { dependencies: { a: "1" } }, "binding.gyp": "{}" }],
  ];
  for (const [what, files] of whole)
    it(`with ${what} needs the source to install`, () => {
      assert.equal(read(files).needsSource, true);
      assert.notEqual(read(files, "one").lockfile.hash, read(files, "other").lockfile.hash);
    });
  it("with packages of an index alone needs no source", () => {
    const files = { "package.json": { dependencies: { a: "1" }, scripts: { test: "mocha", build: "tsc" } } };
    assert.equal(read(files).needsSource, false);
    assert.equal(read(files, "one").lockfile.hash, read(files, "other").lockfile.hash);
  });

  it("runs on musl only where a lockfile tells that nothing is compiled", () => {
    const asks = { dependencies: { a: "1" } };
    const lock = (entry: object) => JSON.stringify({ packages: { "node_modules/a": entry } });
    assert.equal(read({ "package.json": asks, "package-lock.json": lock({}) }).portable, true);
    assert.equal(
      read({ "package.json": asks, "package-lock.json": lock({ hasInstallScript: true }) }).portable,
      false,
    );
    assert.equal(read({ "package.json": asks, "package-lock.json": lock({ cpu: ["x64"] }) }).portable, false);
    assert.equal(
      read({ "package.json": asks, "package-lock.json": lock({ libc: ["glibc"] }) }).portable,
      false,
    );
    assert.equal(read({ "package.json": asks }).portable, false);
    assert.equal(read({}).portable, true);
  });

  for (const [name, text] of [
    ["package.json", "{"],
    ["package.json", "[]"],
    ["package.json", '"text"'],
    ["package.json", '{"dependencies": "a"}'],
    ["package.json", '{"dependencies": {"a": 1}}'],
    ["package-lock.json", "not json"],
    ["package-lock.json", '{"packages": []}'],
  ] as const)
    it(`${name} of ${text} is the user's error`, () => {
      assert.throws(
        () => read({ "package.json": { dependencies: { a: "1" } }, [name]: text }),
        (error: unknown) =>
          error instanceof UserError &&
          error.reason === "PackageJsonInvalid" &&
          error.message.startsWith(name),
      );
    });
});
