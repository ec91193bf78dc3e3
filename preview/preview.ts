import { ResourceError, RunError } from "@pulumi/pulumi";
import { SettingsError } from "../settings";
import { compare } from "./compare";
import { evaluate, type Evaluation, type Program } from "./evaluate";
import { json } from "./json";
import { render } from "./render";
import { renderChanges } from "./renderChanges";
import { report, type Report } from "./report";
import { readStackFile } from "./stackFile";
import type { Verdicts } from "./strict/verdicts";
import { isRefused } from "./strict/verdicts";
import { style } from "./text";
import { UsageError } from "./usageError";

/** What is asked of the preview. */
export interface Asked {
  stack: string;
  json: boolean;
  /** Has the policy pack judge the stack. @default false */
  strict?: boolean;
  /** `key=value` each. */
  set: string[];
  compare?: string | undefined;
}

/** Where the preview reads from and writes to. */
export interface Surroundings {
  /** Folder of Pulumi.yaml and the stack files. */
  directory: string;
  out: (text: string) => void;
  err: (text: string) => void;
  colour: boolean;
}

/**
 * Evaluates what is asked and prints it. Two evaluations are compared: the stack as its file has it with what `--set` makes of it,
 * or, with `--compare`, the stack (and its `--set`) with the other one.
 * @returns the exit code
 */
export async function preview(asked: Asked, surroundings: Surroundings, program?: Program): Promise<number> {
  const { directory, out, err, colour } = surroundings;
  const reportOf = async (stack: string, sets: readonly string[], strict = false): Promise<Report> => {
    const file = readStackFile(directory, stack, sets);
    const evaluating = evaluate(file, program);
    const verdicts = strict ? await judged(directory, evaluating) : undefined;
    return report(file, await evaluating, verdicts);
  };
  try {
    const own = await reportOf(asked.stack, asked.set, asked.strict);
    const changes =
      asked.compare !== undefined
        ? compare(own, await reportOf(asked.compare, []))
        : asked.set.length > 0
          ? compare(await reportOf(asked.stack, []), own)
          : undefined;
    if (asked.json) out(`${json(own, changes)}\n`);
    else
      out(
        changes === undefined
          ? render(own, style(colour))
          : renderChanges(changes, style(colour), own.policies),
      );
    return own.policies !== undefined && isRefused(own.policies) ? 2 : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      err(`${error.message}\n`);
      return 2;
    }
    // A mistake that the program finds is the user's to mend: its lines, no stack trace.
    if (error instanceof SettingsError || RunError.isInstance(error) || ResourceError.isInstance(error)) {
      err(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

/** Only who asks for verdicts loads what they are asked with. */
const judged = async (directory: string, evaluating: Promise<Evaluation>): Promise<Verdicts> =>
  (await import("./strict/strict.js")).verdictsOf(directory, evaluating);
