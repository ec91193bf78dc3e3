import assert from "node:assert/strict";
import { readPackageIndexes } from "../../../builder/build/packageIndexes";
import { GOLDEN } from "./support/golden";
import { NO_INDEXES, planOf } from "./support/source";

describe("package indexes of a namespace", () => {
  const indexes = readPackageIndexes({
    "pip.conf": "[global]\nindex-url = https://user:secret@pip.example.com/simple\n",
    npmrc: "registry=https://npm.example.com/\n//npm.example.com/:_authToken=secret\n",
    "go.env": "GOPROXY=https://go.example.com\n",
    netrc: "machine go.example.com login user password secret\n",
    other: "secret",
  });

  it("are read from files beside the registry's credential, which no layer has", () => {
    const of = (name: keyof typeof GOLDEN) => {
      const [language, files] = GOLDEN[name] ?? ["python", {}];
      return planOf(language, files, undefined, indexes);
    };
    assert.match(
      of("python-locked").dockerfile,
      /PIP_CONFIG_FILE=\/kaniko\/\.docker\/pip\.conf NETRC=\/kaniko\/\.docker\/netrc pip /,
    );
    assert.match(of("nodejs-locked").dockerfile, /NPM_CONFIG_USERCONFIG=\/kaniko\/\.docker\/npmrc npm ci/);
    assert.match(
      of("go-locked").dockerfile,
      /GOENV=\/kaniko\/\.docker\/go\.env NETRC=\/kaniko\/\.docker\/netrc CGO_ENABLED=0/,
    );
    for (const name of Object.keys(GOLDEN)) {
      const plan = of(name);
      assert.doesNotMatch(JSON.stringify(plan), /secret|example\.com\/simple|npm\.example|go\.example/, name);
    }
    assert.deepEqual(Object.keys(indexes.files).sort(), ["go.env", "netrc", "npmrc", "pip.conf"]);
  });
  it("make another layer of each index, and the same of another password", () => {
    const identity = (url: string) =>
      readPackageIndexes({ "pip.conf": `[global]\nindex-url = ${url}\n` }).identity;
    assert.equal(identity("https://a:1@x.example.com/s"), identity("https://b:2@x.example.com/s"));
    assert.notEqual(identity("https://x.example.com/s"), identity("https://y.example.com/s"));
    assert.notEqual(identity("https://x.example.com/s"), NO_INDEXES.identity);
    const token = (value: string) =>
      readPackageIndexes({ npmrc: `registry=https://x.example.com\n//x.example.com/:_authToken=${value}\n` })
        .identity;
    assert.equal(token("a"), token("b"));
  });
  it("that are none change nothing", () => {
    assert.doesNotMatch(planOf("python", { "main.py": "" }).dockerfile, /PACKAGE_INDEX|PIP_CONFIG_FILE/);
  });
});
