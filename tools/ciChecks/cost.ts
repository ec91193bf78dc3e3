import { parseArgs } from "node:util";
import { monthlyCost } from "../../estimate/cost";
import { stacksIn } from "../../preview/stackFile";
import { dollars } from "../../preview/text";
import { SettingsError } from "../../settings";
import { stackSettings } from "../stackSettings";
import { CONSOLE, isUsage, type Say } from "./say";

const USAGE = "usage: npm run check:cost [-- --stack NAME …]";

/** A stack's monthly estimate beside its budget. */
export interface Held {
  line: string;
  /** Whether the estimate is above the budget, or there is none. */
  isRefused: boolean;
}

/**
 * Holds an estimate to a budget.
 * @param usd estimate for a month, in US dollars
 * @param budgetUsd `budget.monthlyUsd` of the stack file; undefined where it names none
 */
export function held(stack: string, usd: number, budgetUsd: number | undefined): Held {
  const estimate = `${stack}: ${dollars(usd)} a month`;
  // A check that holds nothing must not pass for one.
  if (budgetUsd === undefined)
    return {
      line: `${estimate}, and nothing holds it; set budget.monthlyUsd, to ${roomFor(usd)} for a quarter more`,
      isRefused: true,
    };
  const over = Math.round((usd - budgetUsd) * 100) / 100;
  return over > 0
    ? {
        line: `${estimate} is ${dollars(over)} (${((over / budgetUsd) * 100).toFixed(1)} %) over its budget of ${dollars(budgetUsd)}; take the change back, or raise budget.monthlyUsd`,
        isRefused: true,
      }
    : { line: `${estimate} is within its budget of ${dollars(budgetUsd)}`, isRefused: false };
}

/** An estimate and a quarter, as a round figure. */
const roomFor = (usd: number): number => Math.round((usd * 1.25) / 10) * 10;

/** The answer for the stacks of a folder, all of them where none is named. */
export function check(directory: string, stacks: readonly string[]): Held[] {
  return (stacks.length > 0 ? stacks : stacksIn(directory)).map((stack) => {
    const settings = stackSettings(directory, stack);
    const { total, lines, notes } = monthlyCost(settings);
    return lines.length === 0
      ? { line: `${stack}: ${notes.join(" ")}`, isRefused: false }
      : held(stack, total, settings.budget.monthlyUsd);
  });
}

/**
 * @param directory folder of the stack files
 * @returns the exit code: 0, 2 where an estimate is over its budget, a stack on AWS has none or the arguments are wrong, 1 where a stack file is
 */
export function main(argv: readonly string[], directory: string, { out, err }: Say): number {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { stack: { type: "string", multiple: true, default: [] } },
    });
    const answers = check(directory, values.stack);
    for (const { line, isRefused } of answers) (isRefused ? err : out)(line);
    return answers.some(({ isRefused }) => isRefused) ? 2 : 0;
  } catch (error) {
    if (error instanceof SettingsError) {
      err(error.message);
      return 1;
    }
    if (!isUsage(error)) throw error;
    err(`${error.message}\n${USAGE}`);
    return 2;
  }
}

if (require.main === module) process.exitCode = main(process.argv.slice(2), process.cwd(), CONSOLE);
