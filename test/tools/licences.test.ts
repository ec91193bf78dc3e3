import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

interface Locked {
  version?: string;
  license?: string;
  dev?: boolean;
}

/** Licences (by their SPDX ids) that ask for no more than their text and the authors' names. */
const PERMISSIVE = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
  // Of a list of names, not of code.
  "CC-BY-3.0",
]);

/** Packages that name no licence where npm looks for it, and the first line of the file that does. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "node_modules/@logdna/tail-file": "The MIT License (MIT)",
};

/** Whether every way of reading an SPDX expression leads to permissive licences. */
const isPermissive = (expression: string): boolean =>
  expression
    .replace(/[()]/g, "")
    .split(/ (?:AND|OR) /)
    .every((licence) => PERMISSIVE.has(licence));

describe("the licences of what runs", () => {
  const lockfile = readFileSync(join(PROJECT_FOLDER, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(lockfile) as { packages: Record<string, Locked> };
  const runtime = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);

  it("are named for every package, and none of them is copyleft", () => {
    const others = runtime
      .filter(([path, { license = "" }]) => !isPermissive(license) && ELSEWHERE[path] === undefined)
      .map(([path, { license }]) => `${path}: ${license ?? "none"}`);
    assert.deepEqual(others, []);
    assert.ok(runtime.length > 100);
  });

  it("are in a file of the package's own where they are not named", () => {
    for (const [path, first] of Object.entries(ELSEWHERE))
      assert.equal(readFileSync(join(PROJECT_FOLDER, path, "LICENSE"), "utf8").split("\n")[0], first);
  });

  it("are told apart from copyleft", () => {
    for (const licence of [
      "GPL-3.0-only",
      "AGPL-3.0",
      "LGPL-2.1",
      "MPL-2.0",
      "SSPL-1.0",
      "MIT AND GPL-2.0",
      "UNLICENSED",
      "",
    ])
      assert.equal(isPermissive(licence), false, licence);
  });
});

describe("the lockfile", () => {
  const lockfile = readFileSync(join(PROJECT_FOLDER, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(lockfile) as {
    packages: Record<string, { integrity?: string; resolved?: string; link?: boolean; inBundle?: boolean }>;
  };

  it("holds every package by its hash", () => {
    const without = Object.entries(packages).filter(
      ([path, { integrity, link, inBundle }]) =>
        path !== "" && link !== true && inBundle !== true && !/^sha512-/.test(integrity ?? ""),
    );
    assert.deepEqual(without, []);
  });

  it("is of exact versions: no range is left to the day of an install", () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(join(PROJECT_FOLDER, "package.json"), "utf8"),
    ) as Record<string, Record<string, string>>;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
  });
});
