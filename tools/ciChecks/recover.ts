import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { parseArgs } from "node:util";
import { UsageError } from "../../preview/usageError";
import { isDead, locksIn } from "./locks";
import { adopted, type Deployment, recovery } from "./pendingOperations";
import { isUsage } from "./say";

const USAGE = `usage: npm run recover -- --stack NAME [--alone] [--clear-pending-creates]

  --alone                  nothing else of this user works on the stack, on any machine:
                           a lock that this user left behind is broken
  --clear-pending-creates  what was being created and can't be found by its name is
                           forgotten; say so only after you have looked`;

interface Answer {
  code: number;
  text: string;
  stdout: string;
}

function pulumi(args: readonly string[], input?: string): Promise<Answer> {
  return new Promise((done, failed) => {
    const child = execFile(
      "pulumi",
      [...args, "--non-interactive"],
      { maxBuffer: 256 * 2 ** 20 },
      (error, stdout, stderr) => {
        // Without an exit code it never ran: no such program.
        if (error !== null && typeof error.code !== "number")
          failed(new Error(`pulumi: ${error.message}`, { cause: error }));
        else done({ code: Number(error?.code ?? 0), text: `${stdout}\n${stderr}`, stdout });
      },
    );
    child.stdin?.end(input ?? "");
  });
}

async function pulumiOk(args: readonly string[], input?: string): Promise<Answer> {
  const answer = await pulumi(args, input);
  if (answer.code !== 0)
    throw new UsageError(`pulumi ${args.join(" ")} ended with ${answer.code}:\n${answer.text.trim()}`);
  return answer;
}

/** A state, as it is exported. */
interface State {
  deployment: Deployment;
}

const exported = async (stack: string): Promise<State> =>
  JSON.parse((await pulumiOk(["stack", "export", "--stack", stack])).stdout) as State;

/** A refresh of no more than is named: of the stack itself, which costs nothing and takes the lock. */
const refreshOf = (stack: string, { resources = [] }: Deployment, urns: readonly string[]): string[] => {
  const root = resources.filter(({ type }) => type === "pulumi:pulumi:Stack").map(({ urn }) => urn);
  return [
    ...["refresh", "--stack", stack, "--yes", "--skip-preview"],
    ...[...root, ...urns].flatMap((urn) => ["--target", urn]),
  ];
};

/** Whether a process has ended and only waits for somebody to ask how: it holds nothing any more. Linux says so. */
const isZombie = (pid: number): boolean => {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** Breaks the lock of an update that is no more. @throws UsageError where somebody may be at work */
async function unlock(stack: string, deployment: Deployment, isAlone: boolean): Promise<void> {
  const probe = await pulumi(refreshOf(stack, deployment, []));
  if (probe.code === 0) return;
  const locks = locksIn(probe.text);
  if (locks.length === 0) throw new UsageError(probe.text.trim());
  const asker = { user: userInfo().username, host: hostname(), isAlive, isAlone };
  const living = locks.filter((lock) => !isDead(lock, asker));
  const list = (some: typeof locks): string =>
    some.map(({ user, host, pid }) => `${user}@${host} (process ${pid})`).join(", ");
  if (living.length > 0)
    throw new UsageError(
      `${stack} is locked by ${list(living)}. Wait, or make sure that it is gone and run \`pulumi cancel --stack ${stack}\``,
    );
  await pulumiOk(["cancel", "--stack", stack, "--yes"]);
  console.log(`${stack}: broke the lock that ${list(locks)} left behind`);
}

/**
 * Makes a stack fit for `pulumi up` again after an update that was interrupted: breaks its lock and settles what was pending. Does nothing,
 * in seconds, where there is nothing to do.
 */
async function recover(
  stack: string,
  { isAlone, clear }: { isAlone: boolean; clear: boolean },
): Promise<void> {
  // Read before anything is run: the engine forgets pending updates and deletions at its next run, whatever that is.
  const state = await exported(stack);
  const plan = recovery(state.deployment);
  await unlock(stack, state.deployment, isAlone);
  if (plan.adopt.length + plan.refresh.length + plan.look.length === 0) {
    console.log(`${stack}: nothing is pending`);
    return;
  }
  if (plan.look.length > 0 && !clear)
    throw new UsageError(
      [
        `${stack}: it can't be told whether these were made before the update was interrupted:`,
        ...plan.look.map(({ urn }) => `  ${urn}`),
        "Look for each by its tags or name. Delete what is there, or take it in with `pulumi import`; then run this with --clear-pending-creates.",
      ].join("\n"),
    );
  const deployment = adopted(state.deployment, plan.adopt);
  await pulumiOk(["stack", "import", "--stack", stack], JSON.stringify({ ...state, deployment }));
  const urns = [...plan.adopt.map(({ urn }) => urn), ...plan.refresh];
  if (urns.length > 0) await pulumiOk(refreshOf(stack, deployment, urns));

  const now = new Set((await exported(stack)).deployment.resources?.map(({ urn }) => urn));
  for (const { urn } of plan.adopt)
    console.log(`${stack}: ${now.has(urn) ? "was made, and is in the state" : "was not made"}: ${urn}`);
  for (const urn of plan.refresh) console.log(`${stack}: read again: ${urn}`);
  for (const { urn } of plan.look) console.log(`${stack}: forgotten: ${urn}`);
}

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({
      options: {
        stack: { type: "string" },
        alone: { type: "boolean", default: false },
        "clear-pending-creates": { type: "boolean", default: false },
      },
    });
    if (values.stack === undefined) throw new UsageError(USAGE);
    await recover(values.stack, { isAlone: values.alone, clear: values["clear-pending-creates"] });
    return 0;
  } catch (error) {
    if (!isUsage(error)) throw error;
    console.error(error.message);
    return 2;
  }
}

if (require.main === module)
  void main().then((code) => {
    process.exitCode = code;
  });
