import { parseArgs } from "node:util";
import type { Surroundings } from "./preview";

const USAGE = `npm start -- [--stack dev] [--json] [--strict] [--set key=value …] [--compare other-stack]

  --stack    stack whose file is evaluated (default dev)
  --set      another value for a setting, as builderService.kanikoJobLimit=50;
             shows what that changes. May be repeated.
  --compare  shows what is different on another stack
  --strict   has the policy pack judge the stack, and answers 2 where it
             violates a mandatory policy
  --json     everything as JSON`;

/**
 * Evaluates a stack offline and prints what it would be.
 * @returns the exit code: 0, 1 where the settings are wrong, 2 where the arguments are or a mandatory policy is violated
 */
export async function main(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { out, err } = surroundings;
  const asked = options(argv);
  if (typeof asked === "string") {
    err(`${asked}\n\n${USAGE}\n`);
    return 2;
  }
  if (asked.help === true) {
    out(`${USAGE}\n`);
    return 0;
  }
  // The SDKs are loaded only now: help and mistakes in the arguments need none of them.
  const { preview } = await import("./preview.js");
  return preview(asked, surroundings);
}

function options(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        stack: { type: "string", default: "dev" },
        json: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        set: { type: "string", multiple: true, default: [] },
        compare: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}

if (require.main === module) {
  // A reader that has seen enough, as `| head`, is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  void main(process.argv.slice(2), {
    directory: process.cwd(),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    colour: process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "",
  }).then((code) => {
    process.exitCode = code;
  });
}
