import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { Deployment, StateResource } from "../../tools/ciChecks/pendingOperations";
import { describeWith, programs } from "../support/requirements";
import { Workspace } from "../support/workspace";

/**
 * The AWS part of dev with its providers, so that no cluster is needed: the commands and checks of the workflows, as the workflows run them.
 * The providers are stand-ins: what AWS or the official providers would answer is not proven here.
 */
const TARGETS = ["**aws:**", "**eks:index:Cluster::**", "**pulumi:providers:kubernetes::cluster"].flatMap(
  (target) => ["--target", target],
);

/** No process of this number: above what Linux gives out. */
const NOBODY = 2 ** 22 + 1;

describeWith(
  [programs("pulumi", "pulumi-resource-aws", "pulumi-resource-eks", "pulumi-resource-kubernetes")],
  "the delivery of a stack",
  () => {
    const workspace = new Workspace();
    const script = (name: string, ...args: string[]) => workspace.npm(name, "--stack", "dev", ...args);
    const stateFile = join(workspace.folder, "state", ".pulumi", "stacks", "knative-lambda", "dev.json");
    const locks = join(
      workspace.folder,
      "state",
      ".pulumi",
      "locks",
      "organization",
      "knative-lambda",
      "dev",
    );

    before(async () => {
      await workspace.init("dev");
    });
    after(() => {
      workspace.dispose();
    });

    const exported = async (): Promise<Deployment> => {
      const { stdout } = await workspace.pulumiOk("stack", "export", "--stack", "dev");
      return (JSON.parse(stdout) as { deployment: Deployment }).deployment;
    };
    const inState = async (suffix: string): Promise<StateResource | undefined> =>
      (await exported()).resources?.find(({ urn }) => urn.endsWith(suffix));

    /** Makes the state what an update leaves that was killed while it made a resource: neither that nor what follows it is in it. */
    function interrupt(suffix: string, change: (resource: StateResource) => StateResource): void {
      const state = JSON.parse(readFileSync(stateFile, "utf8")) as { checkpoint: { latest: Deployment } };
      const { latest } = state.checkpoint;
      const { resources = [] } = latest;
      const resource = resources.find(({ urn }) => urn.endsWith(suffix));
      assert.ok(resource, suffix);
      const lost = new Set([resource.urn]);
      // In the state each comes behind what it needs.
      for (const other of resources)
        if ([...lost].some((urn) => JSON.stringify(other).includes(JSON.stringify(urn)))) lost.add(other.urn);
      latest.resources = resources.filter(({ urn }) => !lost.has(urn));
      const { id, ...rest } = resource;
      assert.ok(id);
      latest.pending_operations = [{ type: "creating", resource: change(rest) }];
      writeFileSync(stateFile, JSON.stringify(state));
    }

    const lock = (user: string, host: string): void => {
      mkdirSync(locks, { recursive: true });
      writeFileSync(
        join(locks, "one.json"),
        JSON.stringify({ pid: NOBODY, username: user, hostname: host, timestamp: "2026-01-01T00:00:00Z" }),
      );
    };

    it("deploys nothing of a stack that a policy refuses", async () => {
      workspace.setInStackFile("dev", ["knative-lambda:cluster", "publicAccessCidrs"], ["0.0.0.0/0"]);
      const { code, stdout } = await script("deploy");
      assert.notEqual(code, 0);
      assert.match(stdout, /\[mandatory\].*cluster-endpoint-not-open/);
      assert.deepEqual((await exported()).resources ?? [], []);
      workspace.setInStackFile("dev", ["knative-lambda:cluster"], {});
    });

    it("previews with the pack, and plans what the pack lets pass", async () => {
      const preview = await script("preview");
      assert.equal(preview.code, 0, preview.stdout);
      assert.match(preview.stdout, /Policies:/);
      const plan = await script("plan");
      writeFileSync(join(workspace.folder, "plan.json"), plan.stdout);
      const { code, stdout } = await workspace.npm("check:replacements", "plan.json", "--allow", "");
      assert.deepEqual([code, stdout.includes("nothing is lost")], [0, true]);
    });

    it("tells a pull request what it changes, by both programs", async () => {
      const base = new Workspace();
      base.writeStackFile("dev", (text) => text.replace("kanikoJobLimit: 10", "kanikoJobLimit: 5"));
      const { code, stdout, stderr } = await workspace.npm("summary", "--base", base.folder);
      base.dispose();
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^\| dev \| \d+ changed \| 1 changed \| 5 → \*\*10\*\* \|/m);
    });

    it("comes up, as far as AWS's part goes", async () => {
      await workspace.pulumiOk("up", "--stack", "dev", "--yes", "--skip-preview", ...TARGETS);
    });

    it("refuses a plan that replaces the source bucket and the provider, in the engine's own words of today", async () => {
      workspace.setInStackFile("dev", ["knative-lambda:sourceBucket", "name"], "knative-lambda-dev-other");
      const plan = await script("plan", ...TARGETS, "--replace", "**pulumi:providers:kubernetes::cluster");
      writeFileSync(join(workspace.folder, "plan.json"), plan.stdout);
      const { code, stderr } = await workspace.npm("check:replacements", "plan.json");
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        /^sources-bucket \(aws:s3\/bucket:Bucket\) is replaced \(bucket\): it is stateful$/m,
      );
      assert.match(stderr, /^cluster \(pulumi:providers:kubernetes\) is replaced .*: it is a provider$/m);
      assert.equal(stderr.trim().split("\n").length, 3, stderr);
      workspace.setInStackFile("dev", ["knative-lambda:sourceBucket"], {});
    });

    it("finds no drift where there is none, and says so by its exit code", async () => {
      const { code, stdout, stderr } = await script("drift");
      assert.equal(code, 0, `${stdout}\n${stderr}`);
    });

    it("has nothing to recover after an update that ended well", async () => {
      const { code, stdout } = await script("recover");
      assert.deepEqual([code, stdout.trim()], [0, "dev: nothing is pending"]);
    });

    it("takes in what an interrupted update was making, by its name, and breaks the lock of its dead process", async () => {
      interrupt("::images-builder", (resource) => resource);
      lock("somebody", hostname());
      const { code, stdout, stderr } = await script("recover");
      assert.equal(code, 0, stderr);
      assert.match(stdout, /broke the lock that somebody@.* left behind/);
      assert.match(stdout, /was made, and is in the state: .*::images-builder$/m);
      assert.equal((await inState("::images-builder"))?.id, "dev/knative-lambda-builder");
      assert.deepEqual((await exported()).pending_operations ?? [], []);
    });

    it("stops at what it can't find by a name, changes nothing, and forgets it only when told to", async () => {
      interrupt("::images-builder", (resource) => ({ ...resource, type: "aws:ec2/vpc:Vpc" }));
      const refused = await script("recover");
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /can't be told whether these were made[\s\S]*::images-builder/);
      assert.equal((await exported()).pending_operations?.length, 1);
      const { code, stdout } = await script("recover", "--clear-pending-creates");
      assert.equal(code, 0);
      assert.match(stdout, /forgotten: .*::images-builder/);
      assert.equal((await exported()).pending_operations?.length ?? 0, 0);
    });

    it("breaks no lock of another machine, unless it is this user's and nobody else is one", async () => {
      lock("somebody", "elsewhere");
      for (const args of [[], ["--alone"]]) {
        const { code, stderr } = await script("recover", ...args);
        assert.equal(code, 2);
        assert.match(stderr, /dev is locked by somebody@elsewhere/);
      }
      lock(userInfo().username, "elsewhere");
      assert.equal((await script("recover")).code, 2);
      assert.equal((await script("recover", "--alone")).code, 0);
      assert.equal((await script("recover")).code, 0);
    });
  },
);
