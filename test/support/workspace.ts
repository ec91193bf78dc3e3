import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseDocument } from "yaml";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
/** What a program needs to run; everything else of the checkout stays out of the copy. */
const PARTS = [
  "index.ts",
  "package.json",
  "tsconfig.json",
  "Pulumi.yaml",
  "settings",
  "contract",
  "components",
  "estimate",
  "observability",
  "policy",
  "stacks",
  "preview",
  "tools",
];

/** Providers of the tests' own, in front of those on the PATH: only where the PATH has a stand-in too, never in place of the official one. */
const OWN_PROVIDERS =
  process.env["LAB_HOME"] === undefined ? [] : [resolve(__dirname, "..", "provider", "bin")];

export interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Ends a process and all that came of it at once, as a lost machine does. */
function killTree({ pid }: ChildProcess): void {
  const children = new Map<number, number[]>();
  for (const line of execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")) {
    const [child = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const below = (parent: number): number[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  for (const one of pid === undefined ? [] : [pid, ...below(pid)]) {
    try {
      process.kill(one, "SIGKILL");
    } catch (error) {
      // It has ended by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/**
 * A copy of the project with state of its own, as `pulumi` writes into both: a salt into the stack file, a choice into the workspace.
 * Remove it with {@link dispose}.
 */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "knative-lambda-"));

  constructor() {
    for (const part of PARTS)
      cpSync(join(PROJECT_FOLDER, part), join(this.folder, part), { recursive: true });
    symlinkSync(join(PROJECT_FOLDER, "node_modules"), join(this.folder, "node_modules"));
    mkdirSync(join(this.folder, "state"));
  }

  /** Puts a stack file in place: that of the project, changed. */
  writeStackFile(stack: string, change: (text: string) => string = (text) => text): void {
    writeFileSync(
      join(this.folder, `Pulumi.${stack}.yaml`),
      change(readFileSync(join(PROJECT_FOLDER, `Pulumi.${stack}.yaml`), "utf8")),
    );
  }

  /** Sets one value of a stack file that is in place, with what the engine wrote into it. */
  setInStackFile(stack: string, path: readonly string[], value: unknown): void {
    const file = join(this.folder, `Pulumi.${stack}.yaml`);
    const document = parseDocument(readFileSync(file, "utf8"));
    document.setIn(["config", ...path], value);
    writeFileSync(file, String(document));
  }

  /** Runs `pulumi` and waits for its end, whatever it is. */
  pulumi(...args: string[]): Promise<Answer> {
    return this.#run("pulumi", [...args, "--non-interactive"]);
  }

  /** Runs one of the project's npm scripts, as the workflows do, and waits for its end, whatever it is. */
  npm(script: string, ...args: string[]): Promise<Answer> {
    return this.#run("npm", ["run", "--silent", script, "--", ...args]);
  }

  /** Runs one of the project's npm scripts and kills it, with every process that it started, once something has come about. */
  npmKilled(when: () => Promise<unknown>, script: string, ...args: string[]): Promise<Answer> {
    return this.#run("npm", ["run", "--silent", script, "--", ...args], async (child) => {
      await when().finally(() => {
        killTree(child);
      });
    });
  }

  #run(
    program: string,
    args: readonly string[],
    meanwhile: (child: ChildProcess) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Answer> {
    return new Promise((done, failed) => {
      const child = spawn(program, args, {
        cwd: this.folder,
        env: {
          ...process.env,
          PATH: [...OWN_PROVIDERS, process.env["PATH"] ?? ""].join(delimiter),
          PULUMI_BACKEND_URL: `file://${this.folder}/state`,
          PULUMI_CONFIG_PASSPHRASE: "test",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          // What `--event-log` needs, from which tests read more than the screen has.
          PULUMI_DEBUG_COMMANDS: "true",
        },
      });
      const answer: Answer = { code: null, stdout: "", stderr: "" };
      child.stdout.on("data", (chunk: Buffer) => (answer.stdout += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (answer.stderr += chunk.toString()));
      child.on("error", failed);
      const acted = meanwhile(child);
      acted.catch((error: unknown) => {
        failed(new Error(`${(error as Error).message}\n${answer.stdout}\n${answer.stderr}`));
      });
      child.on("close", (code) => {
        void acted.then(() => {
          done({ ...answer, code });
        }, failed);
      });
    });
  }

  /** Runs `pulumi` and fails with its words if it fails. */
  async pulumiOk(...args: string[]): Promise<Answer> {
    const answer = await this.pulumi(...args);
    if (answer.code !== 0)
      throw new Error(
        `pulumi ${args.join(" ")} ended with ${answer.code}:\n${answer.stdout}\n${answer.stderr}`,
      );
    return answer;
  }

  /** Makes a stack of the project's stack file. */
  async init(stack: string, change?: (text: string) => string): Promise<void> {
    this.writeStackFile(stack, change);
    await this.pulumiOk("stack", "init", stack);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
