import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { policies } from "../../policy/policies";
import { readStackFile, stacksIn } from "../../preview/stackFile";
import { evaluate, type Program } from "../../preview/evaluate";
import type { Report } from "../../preview/report";
import type { Verdict } from "../../preview/strict/verdicts";
import { judge, type Subject } from "../policy/support/judge";
import { subjectOf } from "../policy/support/program";
import { describeWith, programs } from "../support/requirements";
import { Workspace } from "../support/workspace";
import { settingEdits, type SourceEdit, variants } from "./support/breakingEdits";
import { harmlessEdits, recipes } from "./support/harmlessEdits";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

/** What the stack file doesn't turn on and an edit breaks. */
const OPTIONS = [
  "knative.domain=functions.example.com",
  "knative.loadBalancer=internet-facing",
  "knative.certificateArn=arn:aws:acm:us-west-2:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
];

/** Most time of a processor for an offline run, in seconds: the 7 s that are promised of a machine with nothing else to do, and as much again for a slow one. */
const MOST_CPU_S = 14;
/** Runs a program, and says on a pipe of its own what time of a processor it took, with all that came of it. */
const METERED = '"$@"; code=$?; times >&3; exit "$code"';

/** Seconds of what `times` says of a shell's children: `0m3.21s 0m0.45s` in its second line. */
const secondsOf = (times: string): number =>
  [...(times.split("\n")[1] ?? "").matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );

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
    /** What each offline run took of a processor. */
    const seconds: number[] = [];
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
    async function byEngine(workspace: Workspace, stack: string, ...options: string[]): Promise<Judged> {
      const log = join(workspace.folder, "events.json");
      rmSync(log, { force: true });
      const { code, stdout, stderr } = await workspace.pulumi(
        ...["preview", "--stack", stack, "--policy-pack", "policy", "--event-log", log, ...options],
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
    function offline(workspace: Workspace, stack: string): Promise<Judged> {
      return new Promise((done, failed) => {
        const own = ["--import", "tsx", "preview/main.ts", "--stack", stack, "--strict", "--json"];
        const child = spawn("sh", ["-c", METERED, "sh", process.execPath, ...own], {
          cwd: workspace.folder,
          stdio: ["ignore", "pipe", "pipe", "pipe"],
        });
        let out = "";
        let text = "";
        let times = "";
        child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
        child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
        child.stdio[3]?.on("data", (chunk: Buffer) => (times += chunk.toString()));
        child.on("error", failed);
        child.on("close", (code) => {
          try {
            const { policies: found } = JSON.parse(out) as Report;
            assert.equal(found?.policies, policies.length);
            seconds.push(secondsOf(times));
            done({ code, text, verdicts: found.verdicts });
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

    /** Makes an edit. @returns what takes it back */
    function edit(workspace: Workspace, { file, from, to }: SourceEdit): () => void {
      const path = join(workspace.folder, file);
      const text = readFileSync(path, "utf8");
      assert.equal(text.split(from).length, 2, `${file} has ${JSON.stringify(from)} once`);
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
      return () => {
        writeFileSync(path, text);
      };
    }

    /** The program's resources, evaluated offline in this process, by the modules as the workspace has them now. */
    async function evaluated(workspace: Workspace): Promise<Subject[]> {
      const folder = realpathSync(workspace.folder);
      for (const module of Object.keys(require.cache))
        if (module.startsWith(join(folder, "/"))) Reflect.deleteProperty(require.cache, module);
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { program } = require(join(folder, "stacks", "program")) as { program: Program };
      const { registrations } = await evaluate(readStackFile(folder, "prod", OPTIONS), program);
      return registrations.map(subjectOf);
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

    for (const [index, edits] of variants.entries()) {
      it(`refuses ${edits.length} edits of components (${index + 1}), names the policy of each, and no other`, async () => {
        const workspace = await workspaceWith("prod");
        for (const one of edits) edit(workspace, one);
        await configure(
          workspace,
          OPTIONS.map((set) => set.split("=") as [string, string]),
        );
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

    it("finds in each of those edits, made alone, what it is said to violate and nothing else", async () => {
      const workspace = new Workspace();
      workspaces.push(workspace);
      workspace.writeStackFile("prod");
      for (const one of variants.flat()) {
        const restore = edit(workspace, one);
        const subjects = await evaluated(workspace);
        restore();
        const found = policies.flatMap((policy) =>
          judge(policy, subjects).violations.map(({ urn }) => `${policy.name} ${urn?.split("::")[3] ?? ""}`),
        );
        assert.deepEqual(sorted(found), sorted(one.violates), one.from);
      }
    });

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

    it("refuses none of the README's usual tweaks, nor all of them together", async () => {
      const workspace = await workspaceWith("prod");
      await configure(workspace, Object.values(recipes).flat());
      const { code, verdicts, text } = await judged(workspace, "prod");
      assert.equal(code, 0, text);
      assert.deepEqual(verdicts.filter(known).map(pair), ["job-limit-reached build-queue-queue"]);
    });

    it("takes levels and thresholds from a file, as docs/policies.md says", async () => {
      const workspace = await workspaceWith("dev");
      const file = join(workspace.folder, "thresholds.json");
      writeFileSync(
        file,
        JSON.stringify({ "log-retention": { most: 20 }, "cluster-secrets-encrypted": "disabled" }),
      );
      const { code, verdicts, text } = await byEngine(workspace, "dev", "--policy-pack-config", file);
      assert.notEqual(code, 0);
      assert.deepEqual(
        verdicts.map(({ policy, message }) => [policy, message.trim().split("\n").at(-1)]),
        [["log-retention", "retentionInDays 30 is above 20; lower it."]],
        text,
      );
    });

    it("takes no more of a processor for npm start -- --strict than is promised, as the median of these runs", () => {
      const median = [...seconds].sort((a, b) => a - b)[Math.floor(seconds.length / 2)];
      assert.ok(median !== undefined && median > 0 && median < MOST_CPU_S, `${median ?? "no run"} s`);
    });
  },
);
