import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { STAND_IN_ACCOUNT } from "../../preview/awsStandIns";
import { evaluate } from "../../preview/evaluate";
import { readStackFile } from "../../preview/stackFile";
import { linesOf, settingsOf } from "../support/settings";

const FOLDER = resolve(__dirname, "..", "..");

describe("who may use a stack's cluster", () => {
  it("is whoever is listed, also where that one runs the program: CI's deploying role has to be", async () => {
    const caller = `arn:aws:iam::${STAND_IN_ACCOUNT}:user/offline-preview`;
    const entries = JSON.stringify([{ principalArn: caller, policy: "cluster-admin" }]);
    const { registrations } = await evaluate(
      readStackFile(FOLDER, "dev", [`cluster.accessEntries=${entries}`]),
    );
    const cluster = registrations.find(({ type }) => type === "eks:index:Cluster");
    assert.deepEqual(Object.keys(cluster?.inputs["accessEntries"] as object), [
      `${STAND_IN_ACCOUNT}:user/offline-preview`,
    ]);
  });

  /** The part of a stack file that the page shows. */
  const shown = /```yaml\n(\s*knative-lambda:cluster:[\s\S]*?)```/.exec(
    readFileSync(join(FOLDER, "docs", "operations.md"), "utf8"),
  )?.[1];
  const { "knative-lambda:cluster": cluster } = parse(shown ?? "") as {
    "knative-lambda:cluster": {
      creatorArn: string;
      accessEntries: { principalArn: string; policy: string }[];
    };
  };

  it("is set as docs/operations.md shows it: the deploying role to do all, the reading one to read all", () => {
    const settings = settingsOf({ cluster });
    assert.deepEqual(
      settings.cluster.accessEntries.map(({ policy }) => policy),
      ["cluster-admin", "admin-view"],
    );
  });

  it("is refused where the page's creator is one of those that it lists, as a session or as the role", () => {
    const [deployer] = cluster.accessEntries;
    assert.ok(deployer);
    const session = "arn:aws:sts::123456789012:assumed-role/knative-lambda-deploy-dev/run-17";
    for (const creatorArn of [deployer.principalArn, session]) {
      const lines = linesOf({ cluster: { ...cluster, creatorArn } });
      assert.equal(lines.length, 1);
      assert.match(
        lines[0] ?? "",
        /cluster\.accessEntries = .*: names .*deploy-dev, which makes the cluster/,
      );
    }
  });
});
