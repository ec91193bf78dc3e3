import { type Command, COMMANDS } from "./annotations";

/** CloudEvents that the intake acts on. Every other type is accepted and ignored. */

const PREFIX = "io.knative.lambda.command.";
const LEGACY_PREFIX = "network.notifi.lambda.";

/** Events with a whole function, `{metadata, spec}`: makes it, or makes it so. */
export const UPSERT_TYPES = [
  `${PREFIX}service.create`,
  `${PREFIX}service.update`,
  `${PREFIX}function.deploy`,
] as const;

export const DELETE_TYPE = `${PREFIX}service.delete`;

/** Type of the event that carries a command. */
export const commandType = (command: Command): string => `${PREFIX}${command}`;

/** Events of older producers, which name a parser by `parser_id`. */
export const LEGACY_TYPES = {
  buildStart: `${LEGACY_PREFIX}build.start`,
  parserStart: `${LEGACY_PREFIX}parser.start`,
  delete: `${LEGACY_PREFIX}service.delete`,
} as const;

/** What an event asks for. */
export type EventAction =
  | { kind: "upsert" | "delete" | "build-parser" | "ensure-parser" | "delete-parser" }
  | { kind: "command"; command: Command };

const actions = new Map<string, EventAction>([
  ...UPSERT_TYPES.map((type): [string, EventAction] => [type, { kind: "upsert" }]),
  [DELETE_TYPE, { kind: "delete" }],
  ...COMMANDS.map((command): [string, EventAction] => [commandType(command), { kind: "command", command }]),
  [LEGACY_TYPES.buildStart, { kind: "build-parser" }],
  [LEGACY_TYPES.parserStart, { kind: "ensure-parser" }],
  [LEGACY_TYPES.delete, { kind: "delete-parser" }],
]);

/** What an event of this type asks for, or undefined where it is none of the platform's business. */
export const actionOf = (type: string): EventAction | undefined => actions.get(type);
