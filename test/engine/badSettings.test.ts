import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describeWith, programs } from "../support/requirements";
import { Workspace } from "../support/workspace";

/** Three mistakes of three kinds: a misspelt key, a request above its limit, minReplicas above maxReplicas. */
const spoil = (text: string): string =>
  text
    .replace("cacheTTL: 72h", "cacheTtl: 72h")
    .replace(
      "requests: { cpu: 1000m, memory: 2Gi }\n        limits",
      "requests: { cpu: 1000m, memory: 8Gi }\n        limits",
    )
    .replace("minReplicas: 2", "minReplicas: 12");

const LINES = [
  'prod: knative-lambda:builderService.kaniko.cacheTtl = "72h": is no setting; did you mean cacheTTL?',
  "prod: knative-lambda:builderService.autoscaling.minReplicas = 12: is above maxReplicas (10); lower it, or raise maxReplicas to 12",
  'prod: knative-lambda:builderService.kaniko.resources.requests.memory = "8Gi": is above the limit of 4Gi; lower the request or raise limits.memory',
];

describeWith([programs("pulumi", "pulumi-resource-aws")], "a stack file with three mistakes", () => {
  const workspace = new Workspace();
  after(() => {
    workspace.dispose();
  });

  it("stops a preview with three lines, without a stack trace, before any resource", async () => {
    await workspace.init("prod", spoil);
    const { code, stdout, stderr } = await workspace.pulumi("preview", "--stack", "prod");
    const output = `${stdout}\n${stderr}`;
    assert.notEqual(code, 0);
    for (const line of LINES) assert.ok(output.includes(line), `${line}\nis not in\n${output}`);
    assert.doesNotMatch(output, /\bat .*\.ts:\d+/);
    assert.doesNotMatch(output, /aws:|kubernetes:/);
  });

  it("stops npm start with exactly the same three lines and exit code 1", () => {
    const { status, stdout, stderr } = spawnSync(
      "npm",
      ["run", "--silent", "start", "--", "--stack", "prod"],
      {
        cwd: workspace.folder,
        encoding: "utf8",
      },
    );
    assert.equal(status, 1);
    assert.deepEqual(stderr.trim().split("\n"), LINES);
    assert.equal(stdout, "");
  });
});
