import assert from "node:assert/strict";
import { chooseBases, type OfferedBases, versionUnavailable } from "../../../builder/build/baseImage";
import { UserError } from "../../../builder/types";
import type { Language } from "../../../contract/function/spec";

const PIN = `@sha256:${"a".repeat(64)}`;
const R = "registry.example.com";
const OFFERED: OfferedBases = {
  python: `${R}/python:3.13-slim${PIN}`,
  nodejs: `${R}/node:22-slim${PIN}`,
  go: `${R}/golang:1.26${PIN}`,
  goRuntime: `${R}/alpine:3.22${PIN}`,
};

describe("the base images of a function", () => {
  const cases: [language: Language, version: string, build: string, runtime?: string][] = [
    ["python", "3.13", OFFERED.python],
    ["python", "3", OFFERED.python],
    ["python", "v3.13", OFFERED.python],
    ["python", "3.11", `${R}/python:3.11-slim`],
    ["python", "3.13.2", `${R}/python:3.13.2-slim`],
    ["python", "3.1", `${R}/python:3.1-slim`],
    ["nodejs", "22", OFFERED.nodejs],
    ["nodejs", "22.x", OFFERED.nodejs],
    ["nodejs", "nodejs22", OFFERED.nodejs],
    ["nodejs", "20", `${R}/node:20-slim`],
    ["nodejs", "2", `${R}/node:2-slim`],
    ["go", "1.26", OFFERED.go, OFFERED.goRuntime],
    ["go", "1.22", OFFERED.go, OFFERED.goRuntime],
    ["go", "1.27", `${R}/golang:1.27`, OFFERED.goRuntime],
  ];
  for (const [language, version, build, runtime = build] of cases)
    it(`for ${language} ${version} are ${build.replace(PIN, " by digest")}`, () => {
      assert.deepEqual(chooseBases(language, version, false, OFFERED), { build, runtime });
    });

  it("are of musl where that is offered and nothing needs glibc, and else never", () => {
    const offered = { ...OFFERED, nodejsAlpine: `${R}/node:22-alpine${PIN}` };
    assert.equal(chooseBases("nodejs", "22", true, offered).runtime, offered.nodejsAlpine);
    assert.equal(chooseBases("nodejs", "20", true, offered).runtime, `${R}/node:20-alpine`);
    assert.equal(chooseBases("nodejs", "22", false, offered).runtime, OFFERED.nodejs);
    assert.equal(chooseBases("python", "3.13", true, offered).runtime, OFFERED.python);
  });

  it("are the offered ones where their tags tell no version", () => {
    const offered = { ...OFFERED, python: `${R}/team/base:stable-7${PIN}`, nodejs: `${R}/node${PIN}` };
    assert.equal(chooseBases("python", "3.9", false, offered).build, offered.python);
    assert.equal(chooseBases("nodejs", "18", false, offered).build, offered.nodejs);
  });

  for (const version of [
    "",
    "latest",
    "3.13-slim",
    "3.13; RUN x",
    "../3",
    "3.13@sha256:x",
    "1.2.3.4",
    "99999",
    "$(id)",
  ])
    it(`for ${JSON.stringify(version)} are none: that is no version`, () => {
      assert.throws(
        () => chooseBases("python", version, false, OFFERED),
        (error: unknown) =>
          error instanceof UserError &&
          error.reason === "RuntimeVersionInvalid" &&
          error.field === "spec.runtime.version",
      );
    });

  it("that the registry doesn't have are the user's to choose otherwise", () => {
    const error = versionUnavailable("python", "3.99", `${R}/python:3.99-slim`);
    assert.equal(error.reason, "RuntimeVersionUnavailable");
    assert.match(error.message, /no python 3\.99 here/);
  });
});
