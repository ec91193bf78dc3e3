import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Changes } from "../../preview/compare";
import type { Program } from "../../preview/evaluate";
import { type Asked, preview } from "../../preview/preview";
import type { Report } from "../../preview/report";
import { standInProgram } from "./standInProgram";

describe("the offline preview", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "preview-"));
    writeFileSync(join(directory, "Pulumi.yaml"), "name: knative-lambda\n");
    writeFileSync(
      join(directory, "Pulumi.dev.yaml"),
      "config: { aws:region: us-west-2, knative-lambda:protect: false, knative-lambda:builderService: { kanikoJobLimit: 10 } }\n",
    );
    writeFileSync(join(directory, "Pulumi.prod.yaml"), "config: { aws:region: us-west-2 }\n");
  });
  after(() => {
    rmSync(directory, { recursive: true });
  });

  const run = async (asked: Partial<Asked> = {}, program: Program = standInProgram, colour = false) => {
    const said = { out: "", err: "" };
    const code = await preview(
      { stack: "dev", json: false, set: [], ...asked },
      {
        directory,
        out: (text) => (said.out += text),
        err: (text) => (said.err += text),
        colour,
      },
      program,
    );
    return { code, ...said, lines: said.out.split("\n") };
  };
  const jsonOf = async (asked: Partial<Asked>) =>
    JSON.parse((await run({ ...asked, json: true })).out) as Report & { changes?: Changes };

  it("begins with what it is, and says what stands in for AWS", async () => {
    const { code, err, lines } = await run();
    assert.deepEqual([code, err], [0, ""]);
    assert.equal(lines[0], "Stack dev: an offline evaluation. The engine's word is `pulumi preview`.");
    assert.equal(lines[1], "Stand-ins: account 123456789012, zones us-west-2a, us-west-2b, us-west-2c.");
  });

  it("shows the tree with types, names, protection and the properties that matter", async () => {
    const tree = async (stack: string) => {
      const { lines } = await run({ stack });
      return lines.slice(lines.indexOf("Resources (5)") + 2, lines.indexOf("Tuning") - 1);
    };
    assert.deepEqual(await tree("prod"), [
      "├─ store  knative-lambda:aws:Store",
      "│  ├─ store-bucket  aws:s3:Bucket [protected]",
      "│  │     bucket knative-lambda-prod-123456789012",
      "│  └─ store-versioning  aws:s3:BucketVersioning",
      "├─ cluster  pulumi:providers:kubernetes",
      "└─ builder  kubernetes:apps/v1:Deployment",
      "      system/builder, image builder:1",
    ]);
    assert.ok((await tree("dev")).includes("│  ├─ store-bucket  aws:s3:Bucket"));
  });

  it("shows tuning with source and SRE-002's figure, capacity, and cost with the day of its prices", async () => {
    const { out } = await run();
    assert.match(out, /^ {2}kanikoJobLimit {24}10 {13}stack file {2}≠ 100$/m);
    assert.match(out, /^ {2}autoscaling\.minReplicas {15}2 {14}default {5}= 2$/m);
    assert.match(out, /^3 builds at once, by EC2's spot vCPU quota$/m);
    assert.match(out, /^EKS control plane {57}\$73\.00$/m);
    assert.match(out, /EC2 of 2026-07-20/);
  });

  it("says that an HPA leaves `replicas` without effect, and says nothing of it without one", async () => {
    const note = /builderService\.replicas 3 has no effect: the HPA decides, between 2 and 10\./;
    assert.match((await run({ stack: "prod" })).out, note);
    const { notes } = await jsonOf({ set: ["builderService.autoscaling.enabled=false"] });
    assert.ok(!notes.some((text) => note.test(text)));
  });

  it("says of an existing VPC what it must bring, and nothing of it in a VPC of the stack's own", async () => {
    const note =
      /^vpc-0123456789abcdef0 must bring a gateway endpoint for S3 in the routes of its private subnets/;
    const { notes } = await jsonOf({
      set: [
        "network.vpcId=vpc-0123456789abcdef0",
        "network.privateSubnetIds=[subnet-0123456789abcdef0, subnet-0123456789abcdef1]",
      ],
    });
    assert.ok(notes.some((text) => note.test(text)));
    assert.ok(!(await jsonOf({})).notes.some((text) => /gateway endpoint/.test(text)));
  });

  it("is JSON of every part, with what is unknown, secret or null named so", async () => {
    const report = await jsonOf({});
    assert.deepEqual(Object.keys(report), [
      "stack",
      "target",
      "region",
      "set",
      "notes",
      "resources",
      "tuning",
      "capacity",
      "cost",
      "outputs",
    ]);
    const versioning = report.resources.find(({ name }) => name === "store-versioning");
    assert.deepEqual(versioning?.inputs["versioningConfiguration"], { status: "[unknown]" });
    assert.equal(versioning.dependencies.length, 1);
    assert.deepEqual(report.outputs["kubeconfig"], "[secret]");
    assert.equal(report.tuning.find(({ setting }) => setting === "budget.monthlyUsd")?.value, null);
  });

  it("shows with --set only what changes, before → after", async () => {
    const { code, out } = await run({ set: ["builderService.kaniko.resources.limits.memory=8Gi"] });
    assert.equal(code, 0);
    assert.match(out, /^dev → dev with builderService\.kaniko\.resources\.limits\.memory$/m);
    assert.match(out, /^1 changed, 0 added, 0 removed, 5 unchanged$/m);
    assert.match(out, /^~ builder {2}kubernetes:apps\/v1:Deployment$/m);
    assert.match(out, /env\[KANIKO_MEMORY_LIMIT\]\.value\n {6}4Gi → 8Gi$/m);
    assert.match(out, /^builderService\.kaniko\.resources\.limits\.memory {2}4Gi → 8Gi {2}\(--set\)$/m);
    assert.doesNotMatch(out, /store-bucket/);
    assert.match(out, /Capacity\n─+\nnothing changes$/m);
    assert.match(out, /\+\$0\.00 a month$/m);
  });

  it("shows what a change does to capacity and cost", async () => {
    const { changes } = await jsonOf({ set: ["quotas.spotVcpus=64", "buildNodes.capacityType=on-demand"] });
    assert.deepEqual(changes?.capacity.atOnce, { before: 3, after: 0 });
    assert.deepEqual(
      changes.cost.lines.map(({ id }) => id),
      ["build-nodes"],
    );
    assert.ok((changes.cost.total.after ?? 0) > (changes.cost.total.before ?? 0));
    assert.deepEqual(changes.before, { stack: "dev", set: [] });
    assert.deepEqual(changes.after.set, [
      "knative-lambda:quotas.spotVcpus",
      "knative-lambda:buildNodes.capacityType",
    ]);
  });

  it("compares two stacks, from the asked one to the other, and takes their names for no difference", async () => {
    const { changes, stack } = await jsonOf({ stack: "dev", compare: "prod" });
    assert.equal(stack, "dev");
    assert.deepEqual(
      changes?.resources.map(({ kind, name, values }) => [kind, name, values]),
      [
        ["changed", "store-bucket", [{ path: "(protect)", before: false, after: true }]],
        [
          "changed",
          "builder",
          [
            {
              path: "spec.template.spec.containers[builder].env[KANIKO_JOB_LIMIT].value",
              before: "10",
              after: "100",
            },
          ],
        ],
      ],
    );
    assert.deepEqual(
      changes.tuning.map(({ setting, before, after }) => [setting, before, after]),
      [
        ["protect", false, true],
        ["builderService.kanikoJobLimit", 10, 100],
      ],
    );
  });

  it("calls a warning gone only where nothing of the kind is said any more", async () => {
    const more = (await run({ stack: "prod", set: ["builderService.kanikoJobLimit=150"] })).out;
    assert.match(more, /^! kanikoJobLimit 150 can't be reached: EC2's spot vCPU quota holds 3\./m);
    assert.doesNotMatch(more, /^gone:/m);
    const { out } = await run({ stack: "prod", set: ["quotas.spotVcpus=1000"] });
    assert.match(out, /^gone: kanikoJobLimit 100 can't be reached: EC2's spot vCPU quota holds 3\./m);
  });

  it("applies --set to the asked stack before it compares", async () => {
    const { changes } = await jsonOf({
      compare: "prod",
      set: ["protect=true", "builderService.kanikoJobLimit=100"],
    });
    assert.deepEqual([changes?.resources, changes?.tuning], [[], []]);
  });

  it("keeps to 80 columns, and to plain text without colour", async () => {
    for (const asked of [{}, { compare: "prod" }, { set: ["builderService.autoscaling.enabled=false"] }]) {
      const { lines, out } = await run(asked);
      for (const line of lines) assert.ok(line.length <= 80, line);
      assert.ok(!out.includes("\u001b"));
    }
  });

  it("says the same in colour", async () => {
    const { out } = await run({}, standInProgram, true);
    assert.ok(out.includes("\u001b[1m"));
    assert.equal(out.replace(/\u001b\[\d+m/g, ""), (await run()).out);
  });

  it("answers bad settings with all their lines, on stderr, and 1", async () => {
    const { code, out, err } = await run({
      set: ["builderService.kanikoJobLmit=5", "builderService.autoscaling.minReplicas=11", "protect=maybe"],
    });
    assert.deepEqual([code, out], [1, ""]);
    assert.deepEqual(err.trimEnd().split("\n").sort(), [
      "dev: knative-lambda:builderService.autoscaling.minReplicas = 11: is above maxReplicas (10); lower it, or raise maxReplicas to 11",
      "dev: knative-lambda:builderService.kanikoJobLmit = 5: is no setting; did you mean kanikoJobLimit?",
      'dev: knative-lambda:protect = "maybe": is not true or false',
    ]);
  });

  it("answers a stack or a --set that is none in one line, and 2", async () => {
    assert.deepEqual(await run({ stack: "qa" }), {
      code: 2,
      out: "",
      err: "there is no Pulumi.qa.yaml; the stacks here are dev, prod\n",
      lines: [""],
    });
    assert.equal((await run({ compare: "qa" })).code, 2);
    assert.equal((await run({ set: ["x"] })).code, 2);
  });

  it("answers what the program finds wrong in its own words, and 1; a defect it throws", async () => {
    const wrong = await run({}, () => Promise.reject(new pulumi.RunError("the bucket has a dot")));
    assert.deepEqual([wrong.code, wrong.err], [1, "the bucket has a dot\n"]);
    await assert.rejects(
      run({}, () => Promise.reject(new TypeError("a defect"))),
      TypeError,
    );
  });
});
