import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { policies } from "../../policy/policies";
import { preview } from "../../preview/preview";
import type { Report } from "../../preview/report";
import { harmlessEdits, recipes } from "../engine/support/harmlessEdits";
import { judge, type Subject } from "./support/judge";
import { program } from "./support/program";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

const saidOf = (name: string, subjects: readonly Subject[], config: object = {}): string[] => {
  const policy = policies.find((candidate) => candidate.name === name);
  assert.ok(policy !== undefined, `there is a policy ${name}`);
  const { violations, unknown } = judge(policy, subjects, config);
  assert.deepEqual(unknown, []);
  return violations.map(({ message }) => message);
};

/** An edit as `--set` takes it. `key[0]` is how `pulumi config set --path` begins a list. */
const asSet = ([key, value]: readonly [key: string, value: string]): string =>
  key.endsWith("[0]") ? `${key.slice(0, -"[0]".length)}=[${JSON.stringify(value)}]` : `${key}=${value}`;

/** All that the policies find wrong with a stack, as `policy: message`. */
const wrongWith = (subjects: readonly Subject[]): string[] =>
  policies.flatMap((policy) =>
    judge(policy, subjects).violations.map(({ message }) => `${policy.name}: ${message}`),
  );

/** Settings that leave out a chart, with what then can't work. */
const CHARTS: readonly (readonly [setting: string, chart: string, what: string])[] = [
  ["cluster.metricsServer", "metrics-server", "HorizontalPodAutoscaler"],
  ["buildQueue.install", "kueue", "ClusterQueue"],
  ["knative.install", "knative-operator", "LambdaFunction"],
  ["monitoring.install", "kube-prometheus-stack", "ServiceMonitor, PodMonitor, PrometheusRule"],
];

describe("the policies, by a stack's settings", () => {
  for (const [setting, chart, what] of CHARTS) {
    it(`refuse ${setting}=false on a cluster that the stack makes, unless another installs ${chart}`, async () => {
      const subjects = await program("prod", [`${setting}=false`]);
      const [message = "", ...more] = saidOf("cluster-has-charts", subjects);
      assert.deepEqual(more, []);
      assert.equal(message, `${what} can't work without ${chart}, which is not installed; install it.`);
      assert.deepEqual(saidOf("cluster-has-charts", subjects, { elsewhere: [chart] }), []);
    });

    it(`let ${setting}=false pass on a cluster that was there before`, async () => {
      assert.deepEqual(wrongWith(await program("local", [`${setting}=false`])), []);
    });
  }

  it("ask EC2 for what the build queue admits, not for what waits in it", async () => {
    const set = (vcpus: number) => [
      "builderService.kaniko.resources.requests.cpu=2000m",
      `quotas.spotVcpus=${vcpus}`,
    ];
    assert.deepEqual(saidOf("ec2-quota", await program("prod", set(136))), []);
    assert.deepEqual(saidOf("ec2-quota", await program("prod", set(135))), [
      "the build queue admits 136 CPU, and EC2's quota is 135 vCPU; have it raised.",
    ]);
  });

  it("ask for no metrics-server where nothing is scaled by it", async () => {
    const subjects = await program("dev", ["cluster.metricsServer=false"]);
    assert.deepEqual(saidOf("cluster-has-charts", subjects), []);
  });

  describe("of a cluster that was there before, with a registry that has a name and a port of its own", () => {
    let subjects: Subject[];
    before(async () => {
      subjects = await program("local", ["imageRepositories.registry=registry.example.com:5000"]);
    });

    it("let builds reach that port anywhere: a NetworkPolicy knows no names", () => {
      assert.deepEqual(wrongWith(subjects), []);
    });

    it("refuse that way once the registry is another", () => {
      const elsewhere = subjects.map((subject) =>
        subject.name === "builder-environment"
          ? { ...subject, props: { ...subject.props, data: withRegistry(subject, "registry.example.com") } }
          : subject,
      );
      assert.deepEqual(saidOf("build-pods-isolated", elsewhere), [
        "egress[3] goes to every pod; name the pods that a build needs: build pods are meant too.",
      ]);
    });
  });

  for (const insecure of [true, false])
    it(`let builds reach a registry that has a name and speaks ${insecure ? "HTTP" : "HTTPS"}`, async () => {
      const sets = [
        "imageRepositories.registry=registry.example.com",
        `imageRepositories.insecure=${insecure}`,
      ];
      assert.deepEqual(wrongWith(await program("local", sets)), []);
    });

  it("let builds reach a base image's registry that has a name and a port of its own", async () => {
    const subjects = await program("local", [
      "imageRepositories.baseImages.go=mirror.example.com:8443/golang:1.26",
    ]);
    assert.ok(JSON.stringify(subjects.map(({ props }) => props)).includes('"port":8443'));
    assert.deepEqual(wrongWith(subjects), []);
  });

  it("find nothing wrong with sources from inside, nor with events from another namespace", async () => {
    const sets = ["sources.internalHosts=[git.corp.example.com]", "builderService.eventSenders=[default]"];
    for (const stack of ["prod", "local"]) assert.deepEqual(wrongWith(await program(stack, sets)), []);
  });

  it("find nothing wrong with package indexes by name, nor with a VPC outside the private ranges", async () => {
    for (const set of ["sources.packageIndexes=[pypi.org]", "network.cidr=198.18.0.0/16"])
      assert.deepEqual(wrongWith(await program("prod", [set])), []);
  });

  it("have a word for a shared cache, and none where the stack is named", async () => {
    const subjects = await program("prod", ["builderService.kaniko.cacheScope=shared"]);
    assert.equal(saidOf("cache-per-namespace", subjects).length, 1);
    assert.deepEqual(saidOf("cache-per-namespace", subjects, { stacks: ["prod"] }), []);
    assert.deepEqual(
      policies.filter(({ name }) => name === "cache-per-namespace").map((policy) => policy.enforcementLevel),
      ["advisory"],
    );
  });

  it(`find nothing wrong with ${harmlessEdits.length} harmless edits`, async () => {
    assert.deepEqual(wrongWith(await program("prod", harmlessEdits.map(asSet))), []);
  });
});

const withRegistry = ({ props }: Subject, registry: string): object => ({
  ...(props["data"] as object),
  REGISTRY: registry,
});

describe("the README's usual tweaks", () => {
  it("are all tried", () => {
    const readme = readFileSync(join(PROJECT_FOLDER, "README.md"), "utf8");
    const [, table = ""] = readme.split("\n| you want | set | it costs |\n| --- | --- | --- |\n");
    const rows = table.split("\n\n")[0]?.split("\n") ?? [];
    assert.deepEqual(
      rows.map((row) => row.split(" | ")[0]?.replace(/^\| /, "")),
      Object.keys(recipes),
    );
    // What each sets stands in its row.
    for (const [index, edits] of Object.values(recipes).entries())
      for (const [key] of edits)
        assert.ok(
          key
            .replace("[0]", "")
            .split(".")
            .slice(-2)
            .some((part) => rows[index]?.includes(part)),
          `${key}: ${rows[index] ?? ""}`,
        );
  });

  for (const [wanted, edits] of Object.entries(recipes))
    it(`${wanted}: refused by no policy`, async () => {
      const found = wrongWith(await program("prod", edits.map(asSet)));
      assert.deepEqual(found, wanted === "faster builds" ? [REACHED] : []);
    });

  it("together: npm start -- --strict answers 0, and says how many builds run at once", async () => {
    const said = { out: "", err: "" };
    const code = await preview(
      { stack: "prod", json: true, strict: true, set: Object.values(recipes).flat().map(asSet) },
      {
        directory: PROJECT_FOLDER,
        out: (text) => (said.out += text),
        err: (text) => (said.err += text),
        colour: false,
      },
    );
    assert.deepEqual([code, said.err], [0, ""]);
    const { policies: found } = JSON.parse(said.out) as Report;
    assert.deepEqual(
      found?.verdicts.map(({ policy, level }) => `${level} ${policy}`),
      ["advisory cluster-secrets-encrypted", "advisory job-limit-reached"],
    );
    assert.match(found.verdicts[1]?.message ?? "", /at most 102 of 150 builds run at once/);
  });
});

/** An advisory: the queue's quota stops at what the nodes hold, so that no build waits for a node that never comes. */
const REACHED =
  "job-limit-reached: at most 68 of 100 builds run at once, by the quota of cpu, 136; the others wait.";
