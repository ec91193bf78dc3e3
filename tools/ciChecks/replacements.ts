import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UsageError } from "../../preview/usageError";
import { CONSOLE, isUsage, type Say } from "./say";
import { STATEFUL } from "./stateful";

const USAGE =
  "usage: npm run check:replacements -- [FILE] [--allow NAME …]   (of `npm run --silent plan`; without FILE, from stdin)";

/** A resource's state, as `pulumi preview --json` tells it: what is looked at. */
interface State {
  type: string;
  protect?: boolean;
}

/** One step of the plan. */
export interface Step {
  /** `same`, `create`, `update`, `replace`, `delete`, or with `--show-replacement-steps` the parts of a replacement. */
  op: string;
  urn: string;
  oldState?: State;
  newState?: State;
  /** Properties that make it a replacement. */
  replaceReasons?: string[] | null;
}

/** A step that loses something. */
export interface Loss {
  name: string;
  line: string;
}

/** A replacement, as a whole or in its parts. */
const REPLACED = ["replace", "create-replacement", "delete-replaced", "import-replacement"];

/** The logical name at an URN's end. */
const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** What of a plan replaces a provider, or replaces or deletes what holds state; each resource once. */
export function losses(steps: readonly Step[]): Loss[] {
  const seen = new Set<string>();
  return steps.flatMap((step): Loss[] => {
    const { op, urn, oldState, newState, replaceReasons } = step;
    const isReplaced = REPLACED.includes(op);
    const state = oldState ?? newState;
    if (state === undefined || seen.has(urn) || !(isReplaced || op === "delete")) return [];
    const kind = kindOf(state);
    if (kind === undefined || (kind === "a provider" && !isReplaced)) return [];
    seen.add(urn);
    const name = nameOf(urn);
    const reasons = replaceReasons?.length ? ` (${replaceReasons.join(", ")})` : "";
    return [
      {
        name,
        line: `${name} (${state.type}) is ${isReplaced ? "replaced" : "deleted"}${reasons}: it is ${kind}`,
      },
    ];
  });
}

/** Why a resource must not be replaced unseen; undefined where it may be. */
function kindOf({ type, protect }: State): string | undefined {
  // With a provider goes every resource that it made: https://www.pulumi.com/docs/iac/concepts/resources/providers/
  if (type.startsWith("pulumi:providers:")) return "a provider";
  if (protect === true) return "protected";
  return STATEFUL.includes(type) ? "stateful" : undefined;
}

/**
 * The steps of a plan.
 * @throws UsageError where the text is none: a check that understood nothing must not pass
 */
export function readPlan(text: string): Step[] {
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`the plan is no JSON: ${(error as Error).message}`);
  }
  const steps = (plan as { steps?: Step[] } | null)?.steps;
  if (!Array.isArray(steps) || steps.length === 0)
    throw new UsageError("the plan has no steps; was it written by `pulumi preview --json`?");
  return steps;
}

/**
 * @param read answers the text of a file; of stdin where it is undefined
 * @returns the exit code: 0, or 2 where something would be lost that isn't allowed, or the arguments or the plan are wrong
 */
export function main(
  argv: readonly string[],
  read: (file: string | undefined) => string,
  { out, err }: Say,
): number {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { allow: { type: "string", multiple: true, default: [] } },
    });
    const allowed = values.allow.flatMap((names) => names.split(/[\s,]+/));
    const steps = readPlan(read(positionals[0]));
    const found = losses(steps);
    for (const { name, line } of found) err(`${line}${allowed.includes(name) ? "; allowed" : ""}`);
    const refused = found.filter(({ name }) => !allowed.includes(name));
    if (refused.length === 0) {
      out(`steps: ${steps.length}; nothing is lost${found.length > 0 ? " but what is allowed" : ""}`);
      return 0;
    }
    err(`If that is meant: ${refused.map(({ name }) => `--allow ${name}`).join(" ")}`);
    return 2;
  } catch (error) {
    if (!isUsage(error)) throw error;
    err(`${error.message}\n${USAGE}`);
    return 2;
  }
}

const readText = (file: string | undefined): string => {
  try {
    return readFileSync(file ?? process.stdin.fd, "utf8");
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

if (require.main === module) process.exitCode = main(process.argv.slice(2), readText, CONSOLE);
