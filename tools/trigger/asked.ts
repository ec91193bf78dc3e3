import { parseArgs } from "node:util";
import { LANGUAGES, type Language } from "../../contract/function/spec";
import { parserName } from "../../contract/parser";
import { UsageError } from "../../preview/usageError";
import { isDnsLabel } from "../../settings";

export const USAGE =
  "make trigger-build-{dev,staging,prod,local} PARSER_ID=… [SOURCE=folder] [WAIT=1] [NAMESPACE=…] [RUNTIME=python|nodejs|go] [RUNTIME_VERSION=…] [HANDLER=…]";

/** What is asked of the trigger. */
export interface Asked {
  stack: string;
  /** The function's name. */
  name: string;
  /** Undefined: where the stack puts an event that names none. */
  namespace: string | undefined;
  /** Folder to upload first. */
  source: string | undefined;
  /** What a new function runs on. Undefined: what its folder is written in. */
  runtime: Language | undefined;
  runtimeVersion: string | undefined;
  handler: string | undefined;
  /** Follow the build to its end. */
  wait: boolean;
}

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Asked {
  const values = options(argv);
  if (values.stack === undefined) throw new UsageError(`which stack?\n${USAGE}`);
  const parserId = values["parser-id"] ?? "";
  if (parserId === "") throw new UsageError(`which parser? PARSER_ID is missing\n${USAGE}`);
  const name = parserName(parserId);
  if (!isDnsLabel(name))
    throw new UsageError(
      `PARSER_ID=${parserId} makes ${name}, which is no function's name: at most 63 of a-z, 0-9 and '-', with a letter or digit at the end`,
    );
  const { namespace, runtime } = values;
  if (namespace !== undefined && !isDnsLabel(namespace))
    throw new UsageError(`NAMESPACE=${namespace} is no namespace's name`);
  const language = LANGUAGES.find((known) => known === runtime);
  if (runtime !== undefined && language === undefined)
    throw new UsageError(`RUNTIME=${runtime} is none of ${LANGUAGES.join(", ")}`);
  return {
    stack: values.stack,
    name,
    namespace,
    source: values.source,
    runtime: language,
    runtimeVersion: values["runtime-version"],
    handler: values.handler,
    wait: values.wait,
  };
}

function options(argv: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        stack: text,
        "parser-id": text,
        namespace: text,
        source: text,
        runtime: text,
        "runtime-version": text,
        handler: text,
        wait: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
}
