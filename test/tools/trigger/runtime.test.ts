import assert from "node:assert/strict";
import { resolve } from "node:path";
import { stackSettings } from "../../../tools/stackSettings";
import { languageOf, newRuntime, offeredVersion } from "../../../tools/trigger/runtime";

const nothing = { source: undefined, runtime: undefined, runtimeVersion: undefined, handler: undefined };
const version = (language: string): string => `${language}'s`;

describe("the runtime of a new function", () => {
  it("is left to the builder where nothing is said and nothing is uploaded", () => {
    assert.equal(newRuntime(nothing, undefined, version), undefined);
  });

  it("is what the uploaded folder is written in, in the version that the stack offers", () => {
    assert.deepEqual(newRuntime(nothing, ["index.js", "package.json"], version), {
      language: "nodejs",
      version: "nodejs's",
    });
    // A Go function may bring a package.json along, for what it serves.
    assert.equal(languageOf(["go.mod", "main.go", "package.json"]), "go");
    assert.equal(languageOf(["requirements.txt"]), "python");
    // A file of that name somewhere below says nothing.
    assert.equal(languageOf(["web/package.json"]), undefined);
  });

  it("is what is said, where that is said", () => {
    const said = { source: "web", runtime: "python", runtimeVersion: "3.12", handler: "app.run" } as const;
    assert.deepEqual(newRuntime(said, ["package.json"], version), {
      language: "python",
      version: "3.12",
      handler: "app.run",
    });
    assert.deepEqual(newRuntime({ ...nothing, handler: "app.run" }, undefined, version), {
      language: "python",
      version: "python's",
      handler: "app.run",
    });
  });

  it("is asked for where the folder doesn't tell", () => {
    assert.throws(
      () => newRuntime({ ...nothing, source: "docs" }, ["README.md"], version),
      /^UsageError: no telling what docs is written in: .*say RUNTIME=python, nodejs or go$/,
    );
  });

  it("has the version of the stack's base image", () => {
    const folder = resolve(__dirname, "..", "..", "..");
    const local = stackSettings(folder, "local");
    assert.equal(offeredVersion(local, "python"), "3.11");
    assert.equal(offeredVersion(local, "go"), "1.26");
    assert.equal(offeredVersion(stackSettings(folder, "dev"), "python"), "3.13");
    const untold = { ...local.imageRepositories.baseImages, python: "registry.example.com/ours:stable-2" };
    const settings = { ...local, imageRepositories: { ...local.imageRepositories, baseImages: untold } };
    assert.throws(() => offeredVersion(settings, "python"), /say RUNTIME_VERSION$/);
  });
});
