import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Changes, compare } from "../../preview/compare";
import { renderChanges } from "../../preview/renderChanges";
import type { Report } from "../../preview/report";
import { stacksIn } from "../../preview/stackFile";
import { dollars, style } from "../../preview/text";

const USAGE =
  "usage: npm run summary -- --base FOLDER   (a checkout of the base branch, with its packages installed)";

/** What became of one stack: its report on the base branch and now; undefined where there is no such stack. */
export interface StackReports {
  stack: string;
  before: Report | undefined;
  after: Report | undefined;
}

/** GitHub takes 1 MiB of summary a step: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
const MOST_CHARACTERS = 900_000;

/** The summary of a pull request, as Markdown: a line for each stack, and below it what changes in those that do. */
export function summary(stacks: readonly StackReports[]): string {
  const rows = stacks.map((reports) => ({ ...reports, changes: changesOf(reports) }));
  const text = [
    "## What this changes",
    "",
    "An offline evaluation of every stack against the base branch. The engine's word is `pulumi preview`.",
    "",
    "| stack | resources | tuning | builds at once | a month |",
    "| --- | --- | --- | --- | --- |",
    ...rows.map(row),
    ...rows.flatMap(details),
    "",
  ].join("\n");
  return text.length <= MOST_CHARACTERS
    ? text
    : `${text.slice(0, MOST_CHARACTERS)}\n\`\`\`\n\nCut here: the whole is in \`npm run summary\`.\n`;
}

type Row = StackReports & { changes: Changes | undefined };

const changesOf = ({ before, after }: StackReports): Changes | undefined =>
  before === undefined || after === undefined ? undefined : compare(before, after);

function row({ stack, before, after, changes }: Row): string {
  const costs = [before, after].map((report) => (report === undefined ? "—" : dollars(report.cost.total)));
  const builds = [before, after].map((report) =>
    report === undefined ? "—" : String(report.capacity.atOnce),
  );
  const arrow = ([a = "", b = ""]: string[]): string => (a === b ? a : `${a} → **${b}**`);
  const resources =
    changes === undefined
      ? after === undefined
        ? "gone"
        : "new"
      : changes.resources.length === 0
        ? "no change"
        : (["added", "changed", "removed"] as const)
            .map((kind) => [changes.resources.filter((change) => change.kind === kind).length, kind] as const)
            .filter(([count]) => count > 0)
            .map(([count, kind]) => `${count} ${kind}`)
            .join(", ");
  const tuning =
    changes === undefined || changes.tuning.length === 0 ? "—" : `${changes.tuning.length} changed`;
  return `| ${stack} | ${resources} | ${tuning} | ${arrow(builds)} | ${arrow(costs)} |`;
}

const isEmpty = ({ resources, tuning, cost, capacity }: Changes): boolean =>
  resources.length === 0 &&
  tuning.length === 0 &&
  cost.lines.length === 0 &&
  capacity.atOnce === undefined &&
  capacity.warnings.before.length + capacity.warnings.after.length === 0;

function details({ stack, changes }: Row): string[] {
  if (changes === undefined || isEmpty(changes)) return [];
  return [
    "",
    `<details><summary>${stack}</summary>`,
    "",
    "```text",
    renderChanges(changes, style(false)).trimEnd(),
    "```",
    "",
    "</details>",
  ];
}

/**
 * A stack's report by the program of a folder, in a process of its own: that of the base branch is other code than this.
 * @throws with its words where that program refuses the stack
 */
function reportIn(folder: string, stack: string): Promise<Report> {
  return new Promise((done, failed) => {
    execFile(
      process.execPath,
      ["--import", "tsx", join("preview", "main.ts"), "--stack", stack, "--json"],
      { cwd: folder, maxBuffer: 64 * 2 ** 20 },
      (error, stdout, stderr) => {
        if (error === null) done(JSON.parse(stdout) as Report);
        else
          failed(new Error(`${folder}: ${stack}: ${stderr.trim() === "" ? error.message : stderr.trim()}`));
      },
    );
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { base: { type: "string" } } });
  const { base } = values;
  if (base === undefined) {
    console.error(USAGE);
    return 2;
  }
  const [before, after] = [stacksIn(base), stacksIn(process.cwd())];
  const stacks: StackReports[] = [];
  // One after the other: each of them takes a core.
  for (const stack of [...new Set([...after, ...before])].sort())
    stacks.push({
      stack,
      before: before.includes(stack) ? await reportIn(base, stack) : undefined,
      after: after.includes(stack) ? await reportIn(process.cwd(), stack) : undefined,
    });
  process.stdout.write(summary(stacks));
  return 0;
}

if (require.main === module)
  main().then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      console.error((error as Error).message);
      process.exitCode = 1;
    },
  );
