import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import { type Path, pathText, schemaAt } from "./schema";

/** One mistake in a stack file. */
export interface Problem {
  /** The setting, below the project's namespace. */
  path: Path;
  /** What the stack file says there; undefined where it says nothing. */
  value: unknown;
  /** What is wrong and what would be right, as a clause that follows key and value. */
  message: string;
}

/** All mistakes of a stack, a line each. Meant for the user: it is shown without a stack trace. */
export class SettingsError extends Error {
  constructor(
    readonly stackName: string,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map((problem) => problemLine(stackName, problem)).join("\n"));
    this.name = "SettingsError";
  }
}

/** `prod: knative-lambda:keepAlive.target = 0: is below 1` */
export function problemLine(stack: string, { path, value, message }: Problem): string {
  const key = path[0] === "aws:region" ? "aws:region" : `knative-lambda:${pathText(path)}`;
  const shown = value === undefined ? "" : ` = ${shorten(JSON.stringify(value))}`;
  return `${stack}: ${key}${shown}: ${message}`;
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);

/** What lies at a path in a value as the stack file gave it. */
export const valueAt = (values: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    values,
  );

/** The known key nearest to a misspelt one: what a key with dots leads to, one of its siblings if it is close, else any known key of that very name elsewhere. */
export function nearestKey(parent: Path, key: string): string | undefined {
  const parts = key.split(".");
  if (parts.length > 1 && schemaAt([...parent, ...parts]) !== undefined)
    return `${parts.at(-1)} below ${parts.slice(0, -1).join(".")}`;
  const type = schemaAt(parent);
  const siblings = type instanceof z.ZodObject ? Object.keys(type.shape) : [];
  const folded = siblings.find((name) => name.toLowerCase() === key.toLowerCase());
  if (folded !== undefined) return folded;
  const near = siblings.length > 0 ? closest(key, siblings) : undefined;
  if (near !== undefined && distance(key, near) <= Math.max(2, Math.floor(key.length / 3))) return near;
  const elsewhere = everyKey().find((path) => path.at(-1) === key);
  return elsewhere && pathText(elsewhere);
}

function everyKey(parent: Path = []): Path[] {
  const type = schemaAt(parent);
  if (!(type instanceof z.ZodObject)) return [];
  return Object.keys(type.shape).flatMap((key) => [[...parent, key], ...everyKey([...parent, key])]);
}

/** The mistakes that zod found, in the words of whoever edits a stack file. One per misspelt key. */
export function problemsOf(values: unknown, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path.filter((part): part is string | number => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const near = nearestKey(path, key);
        const type = schemaAt(path);
        const known = type instanceof z.ZodObject ? Object.keys(type.shape).join(", ") : "";
        const remedy = near === undefined ? `known here are ${known}` : `did you mean ${near}?`;
        return {
          path: [...path, key],
          value: valueAt(values, [...path, key]),
          message: `is no setting; ${remedy}`,
        };
      });
    }
    const value = valueAt(values, path);
    return [{ path, value, message: messageOf(issue, value) }];
  });
}

function messageOf(issue: z.core.$ZodIssue, value: unknown): string {
  // The engine hands over "" for a key without a value.
  if (value === null || (value === "" && issue.code === "invalid_type"))
    return "has no value; write one, or leave the key out";
  if (value !== undefined) return sentence(issue, value);
  if (issue.code === "invalid_value") return `is missing; give one of ${issue.values.join(", ")}`;
  // A scalar's own message ends with how to write it, which is all that is of use here.
  return issue.code === "invalid_type"
    ? `is missing; ${sentence(issue, value).replace(/^.*; (?=write )/, "")}`
    : sentence(issue, value);
}

/** What a kind of value is called in a message, with how to write it. */
const KINDS: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys to values",
};

function sentence(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      // A message of the scalar's own is a clause; zod's starts with "Invalid".
      if (!issue.message.startsWith("Invalid")) return issue.message;
      return `is not ${KINDS[issue.expected] ?? issue.expected}${remedyForText(issue.expected, value)}`;
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const near = typeof value === "string" ? closest(value, allowed) : undefined;
      const hint =
        near !== undefined && typeof value === "string" && distance(value, near) <= 2
          ? `; did you mean ${near}?`
          : "";
      return `is none of ${allowed.join(", ")}${hint}`;
    }
    case "too_small":
      if (issue.origin === "array") return `has too few entries; give at least ${issue.minimum}`;
      return issue.origin === "string"
        ? "is empty"
        : `is ${issue.inclusive === false ? "not above" : "below"} ${issue.minimum}; give ${issue.inclusive === false ? "more" : `${issue.minimum} or more`}`;
    case "too_big":
      return `is above ${issue.maximum}; give ${issue.maximum} or less`;
    case "invalid_union":
      return "is neither a text nor a number; write a quantity such as 500m or 2Gi";
    default:
      return issue.message;
  }
}

function remedyForText(expected: string, value: unknown): string {
  if (typeof value !== "string") return "";
  if ((expected === "number" || expected === "int") && value.trim() !== "" && !Number.isNaN(Number(value)))
    return `; write ${Number(value)} without quotes`;
  if (expected === "boolean" && /^(true|false|yes|no|on|off)$/i.test(value))
    return `; write ${/^(true|yes|on)$/i.test(value)} without quotes`;
  if (expected === "array" && value !== "") return `; write ${JSON.stringify([value])}`;
  return "";
}
