import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { policies } from "../../policy/policies";
import { stacksIn } from "../../preview/stackFile";
import type { Report } from "../../preview/report";
import type { Verdict } from "../../preview/strict/verdicts";
import { describeWith, programs } from "../support/requirements";
import { Workspace } from "../support/workspace";
import { settingEdits, type SourceEdit, variants } from "./support/breakingEdits";
import { harmlessEdits } from "./support/harmlessEdits";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

/** An event of the engine's log. */
interface EngineEvent {
  policyEvent?: {
    resourceUrn: string;
    message: string;
    policyName: string;
    enforcementLevel: string;
    severity: string;
  };
}

interface Judged {
  code: number | null;
  text: string;
  verdicts: Verdict[];
}

/** `policy resource` of a verdict. */
const pair = ({ policy, urn }: Verdict): string => `${policy} ${urn.split("::")[3] ?? ""}`;
const sorted = (lines: readonly string[]): string[] => [...new Set(lines)].sort();

/** A verdict as both sides have it: the SDK puts the policy's description before its message. */
function comparable({ policy, level, severity, urn, message }: Verdict): string {
  const description = `${policies.find(({ name }) => name === policy)?.description ?? ""}\n`;
  const own = message.startsWith(description) ? message.slice(description.length) : message;
  return [policy, level, severity, urn, own.trim()].join(" | ");
}

const known = ({ message }: Verdict): boolean => !message.startsWith("can't run policy");

describeWith(
  [programs("pulumi", "pulumi-resource-aws", "pulumi-resource-eks", "pulumi-resource-kubernetes")],
  "the policy pack in the engine",
  () => {
    const workspaces: Workspace[] = [];
    after(() => {
      for (const workspace of workspaces) workspace.dispose();
    });

    async function workspaceWith(stack: string): Promise<Workspace> {
      const workspace = new Workspace();
      workspaces.push(workspace);
      await workspace.init(stack);
      return workspace;
    }

    /** What `pulumi preview --policy-pack policy` says. */
    async function byEngine(workspace: Workspace, stack: string): Promise<Judged> {
      const log = join(workspace.folder, "events.json");
      rmSync(log, { force: true });
      const { code, stdout, stderr } = await workspace.pulumi(
        ...["preview", "--stack", stack, "--policy-pack", "policy", "--event-log", log],
      );
      const verdicts = readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .flatMap((line) => (JSON.parse(line) as EngineEvent).policyEvent ?? [])
        .map(({ resourceUrn, message, policyName, enforcementLevel, severity }): Verdict => ({
          policy: policyName,
          level: enforcementLevel === "mandatory" ? "mandatory" : "advisory",
          severity,
          urn: resourceUrn,
          message,
        }));
      return { code, text: `${stdout}\n${stderr}`, verdicts };
    }

    /** What `npm start -- --strict` says of the same program and stack file. */
    function offline(workspace: Workspace, stack: string): Promise<Judged & { seconds: number }> {
      const started = Date.now();
      return new Promise((done, failed) => {
        const child = spawn(
          process.execPath,
          ["--import", "tsx", "preview/main.ts", "--stack", stack, "--strict", "--json"],
          { cwd: workspace.folder },
        );
        let out = "";
        let text = "";
        child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
        child.on("error", failed);
        child.on("close", (code) => {
          try {
            const { policies: found } = JSON.parse(out) as Report;
            assert.equal(found?.policies, policies.length);
            done({ code, text, verdicts: found.verdicts, seconds: (Date.now() - started) / 1000 });
          } catch (error) {
            failed(new Error(`npm start ended with ${code ?? "a signal"}:\n${text}`, { cause: error }));
          }
        });
      });
    }

    /** What both say, after it is sure that it is the same. */
    async function judged(workspace: Workspace, stack: string): Promise<Judged> {
      const engine = await byEngine(workspace, stack);
      const own = await offline(workspace, stack);
      assert.deepEqual(own.verdicts.map(comparable).sort(), engine.verdicts.map(comparable).sort());
      assert.equal(own.code, engine.verdicts.some(({ level }) => level === "mandatory") ? 2 : 0);
      return engine;
    }

    function edit(workspace: Workspace, { file, from, to }: SourceEdit): void {
      const path = join(workspace.folder, file);
      const text = readFileSync(path, "utf8");
      assert.equal(text.split(from).length, 2, `${file} has ${JSON.stringify(from)} once`);
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
    }

    const configure = (workspace: Workspace, values: readonly (readonly [key: string, value: string])[]) =>
      workspace.pulumiOk(
        ...["config", "set-all", "--stack", "prod", "--path"],
        ...values.flatMap(([key, value]) => ["--plaintext", `knative-lambda:${key}=${value}`]),
      );

    for (const stack of stacksIn(PROJECT_FOLDER)) {
      it(`lets ${stack} pass, and so does npm start -- --strict`, async () => {
        const { code, verdicts, text } = await judged(await workspaceWith(stack), stack);
        assert.equal(code, 0, text);
        assert.deepEqual(verdicts.filter(known), []);
      });
    }

    it("answers npm start -- --strict within 7 s", async () => {
      const { seconds } = await offline(await workspaceWith("prod"), "prod");
      assert.ok(seconds < 7, `${seconds} s`);
    });

    for (const [index, edits] of variants.entries()) {
      it(`refuses ${edits.length} edits of components (${index + 1}), names the policy of each, and no other`, async () => {
        const workspace = await workspaceWith("prod");
        for (const one of edits) edit(workspace, one);
        await configure(workspace, [
          ["knative.domain", "functions.example.com"],
          ["knative.loadBalancer", "internet-facing"],
          [
            "knative.certificateArn",
            "arn:aws:acm:us-west-2:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
          ],
        ]);
        const { code, verdicts, text } = await judged(workspace, "prod");
        assert.notEqual(code, 0);
        for (const { violates } of edits)
          for (const line of violates) assert.ok(text.includes(line.split(" ")[0] ?? ""), line);
        assert.deepEqual(
          sorted(verdicts.filter(known).map(pair)),
          sorted(edits.flatMap(({ violates }) => violates)),
        );
      });
    }

    it(`refuses ${settingEdits.length} edits of a stack file that its schema lets pass, and names the policy of each`, async () => {
      const workspace = await workspaceWith("prod");
      await configure(
        workspace,
        settingEdits.map(({ key, value }) => [key, value] as const),
      );
      const { code, verdicts, text } = await judged(workspace, "prod");
      assert.notEqual(code, 0);
      assert.deepEqual(
        sorted(verdicts.filter(known).map(pair)),
        sorted(settingEdits.flatMap(({ violates }) => violates)),
        text,
      );
    });

    it("has a breaking edit for each of its policies", () => {
      const tried = new Set(
        [...variants.flat(), ...settingEdits].flatMap(({ violates }) =>
          violates.map((line) => line.split(" ")[0]),
        ),
      );
      assert.deepEqual(
        policies.map(({ name }) => name).filter((name) => !tried.has(name)),
        [],
      );
    });

    it(`raises no alarm at ${harmlessEdits.length} harmless edits`, async () => {
      const workspace = await workspaceWith("prod");
      await configure(workspace, harmlessEdits);
      const { code, verdicts, text } = await judged(workspace, "prod");
      assert.equal(code, 0, text);
      assert.deepEqual(verdicts.filter(known), []);
    });
  },
);
