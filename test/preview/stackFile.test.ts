import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStackFile, stacksIn } from "../../preview/stackFile";
import { UsageError } from "../../preview/usageError";

const PROJECT = `
name: knative-lambda
config:
  target: { type: string, default: aws }
  protect: { type: boolean, default: true }
  aws:region: { value: us-east-1 }
  plain: 5
`;

describe("a stack file", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "stack-file-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** The configuration of a stack file that says `text`. */
  const read = (text: string, sets: string[] = [], project = PROJECT) => {
    writeFileSync(join(folder, "Pulumi.yaml"), project);
    writeFileSync(join(folder, "Pulumi.qa.yaml"), text);
    return readStackFile(folder, "qa", sets);
  };
  const refused = (message: RegExp, ...args: Parameters<typeof read>) => {
    assert.throws(
      () => read(...args),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  };

  it("lies over what the project declares", () => {
    const { config, inStackFile } = read("config: { knative-lambda:protect: false, aws:region: eu-west-1 }");
    assert.deepEqual(config, {
      "knative-lambda:target": "aws",
      "knative-lambda:protect": false,
      "knative-lambda:plain": 5,
      "aws:region": "eu-west-1",
    });
    assert.deepEqual(Object.keys(inStackFile), ["knative-lambda:protect", "aws:region"]);
  });

  it("may be empty", () => {
    for (const text of ["", "config:\n", "encryptionsalt: v1:abc\n"])
      assert.deepEqual(read(text).inStackFile, {});
  });

  it("gives a key without a namespace to the project, and drops `config:` from an old one", () => {
    const { inStackFile } = read("config: { target: cluster, knative-lambda:config:protect: false }");
    assert.deepEqual(inStackFile, { "knative-lambda:target": "cluster", "knative-lambda:protect": false });
  });

  it("keeps structured values and hides secrets at any depth", () => {
    const { config, secretKeys } = read(`
config:
  knative-lambda:kubeconfig: { secure: v1:abc:def }
  knative-lambda:builderService: { image: { secure: "v1:x" }, replicas: 2, eventSenders: [a, { secure: "v1:y" }] }
`);
    assert.equal(config["knative-lambda:kubeconfig"], "[secret]");
    assert.deepEqual(config["knative-lambda:builderService"], {
      image: "[secret]",
      replicas: 2,
      eventSenders: ["a", "[secret]"],
    });
    assert.deepEqual(secretKeys, ["knative-lambda:kubeconfig", "knative-lambda:builderService"]);
  });

  it("is asked for by a name that is known", () => {
    read("");
    writeFileSync(join(folder, "Pulumi.dev.yaml"), "");
    assert.deepEqual(stacksIn(folder), ["dev", "qa"]);
    assert.throws(() => readStackFile(folder, "prod"), {
      message: "there is no Pulumi.prod.yaml; the stacks here are dev, qa",
    });
  });

  it("is refused in one line where it is no YAML, or lacks what the project declares without a default", () => {
    refused(/^Pulumi\.qa\.yaml: [^\n]+[^:]$/, "config: { a: [ }");
    refused(/config is not a mapping$/, "config: [1]");
    refused(/is not a mapping; settings stand below config:$/, "[1]");
    refused(/^knative-lambda:needed is missing/, "", [], "config: { needed: { type: string } }");
  });

  it("is refused where a setting stands where nothing reads it", () => {
    refused(/: builderService stands beside config:/, "builderService: { replicas: 2 }");
    refused(
      /^Pulumi\.qa\.yaml: aws:region stands beside config:, where nothing reads it; move it below$/,
      "config: {}\naws:region: eu-west-1",
    );
    // All of them, a line each.
    refused(
      /^Pulumi\.qa\.yaml: protect stands beside [^\n]+\nPulumi\.qa\.yaml: aws:region stands beside [^\n]+$/,
      "protect: true\nconfig: {}\naws:region: eu-west-1",
    );
    refused(
      /nothing reads knativelambda:protect; did you mean knative-lambda:protect\?$/,
      "config: { knativelambda:protect: true }",
    );
    refused(/nothing reads awz:region; did you mean aws:region\?$/, "config: { awz:region: eu-west-1 }");
    assert.deepEqual(read("config: { pulumi:tags: { a: b } }").inStackFile, { "pulumi:tags": { a: "b" } });
  });

  it("is a file: a folder of such a name is none", () => {
    mkdirSync(join(folder, "Pulumi.folder.yaml"));
    assert.ok(!stacksIn(folder).includes("folder"));
    assert.throws(() => readStackFile(folder, "folder"), /^UsageError: there is no Pulumi\.folder\.yaml/);
  });

  describe("with --set", () => {
    const text = `
config:
  knative-lambda:builderService: { kanikoJobLimit: 10, kaniko: { cacheTTL: 72h } }
  knative-lambda:keepAlive: { functions: [a, b] }
`;
    const service = (...sets: string[]) => read(text, sets).config["knative-lambda:builderService"];

    it("changes one value inside a structured one and leaves the others", () => {
      assert.deepEqual(service("builderService.kanikoJobLimit=50", "builderService.kaniko.cache=false"), {
        kanikoJobLimit: 50,
        kaniko: { cacheTTL: "72h", cache: false },
      });
    });

    it("reads the value as YAML: numbers, truth, texts, lists, mappings", () => {
      const value = (set: string) => read("", [set]).config["knative-lambda:a"];
      assert.equal(value("a=5"), 5);
      assert.equal(value("a=true"), true);
      assert.equal(value("a=1000m"), "1000m");
      assert.equal(value('a="5"'), "5");
      assert.equal(value("a=b=c"), "b=c");
      assert.deepEqual(value("a=[x, y]"), ["x", "y"]);
      assert.deepEqual(value("a={b: 1}"), { b: 1 });
    });

    it("takes a number as it is written where the setting is a text, as a version is", () => {
      assert.deepEqual(read("", ["cluster.version=1.30"]).config["knative-lambda:cluster"], {
        version: "1.30",
      });
      assert.deepEqual(read("", ['knative.version="1.23"']).config["knative-lambda:knative"], {
        version: "1.23",
      });
    });

    it("takes a setting away when the value is empty", () => {
      assert.deepEqual(service("builderService.kanikoJobLimit="), { kaniko: { cacheTTL: "72h" } });
      assert.equal("knative-lambda:keepAlive" in read(text, ["keepAlive="]).config, false);
    });

    it("reaches into lists, and other namespaces", () => {
      const { config } = read(text, ["keepAlive.functions[1]=c", "aws:region=eu-west-1"]);
      assert.deepEqual(config["knative-lambda:keepAlive"], { functions: ["a", "c"] });
      assert.equal(config["aws:region"], "eu-west-1");
    });

    it("makes what is not there yet, and names what it set", () => {
      const { config, set } = read("", ["network.zones=2"]);
      assert.deepEqual(config["knative-lambda:network"], { zones: 2 });
      assert.deepEqual(set, ["knative-lambda:network.zones"]);
    });

    it("leaves the file's own values as they were", () => {
      assert.deepEqual(
        read(text, ["builderService.kanikoJobLimit=50"]).inStackFile["knative-lambda:builderService"],
        {
          kanikoJobLimit: 10,
          kaniko: { cacheTTL: "72h" },
        },
      );
    });

    it("is refused in one line where it is no key=value", () => {
      for (const set of ["a", "=1", "a..b=1", "aws:=1", ".a=1"]) refused(/write it as key=value/, "", [set]);
      refused(/^--set a=\[: the value is not YAML/, "", ["a=["]);
    });
  });
});
