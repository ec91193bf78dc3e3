/** A statement of an IAM policy document, as AWS takes it: one value or a list. */
export interface Statement {
  Sid?: string;
  Effect?: string;
  Principal?: "*" | Record<string, string | string[]>;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export const listOf = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** The statements of a document, which is JSON or an object. Undefined: it is neither. */
export function statements(document: unknown): Statement[] | undefined {
  const value = typeof document === "string" ? parsed(document) : document;
  if (typeof value !== "object" || value === null) return undefined;
  return listOf((value as { Statement?: Statement | Statement[] }).Statement);
}

/** JSON, or undefined where the text is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export const isAllow = ({ Effect }: Statement): boolean => Effect === "Allow";

/** Principals that stand for everybody: `"*"` or `{AWS: "*"}`. */
export const isEverybody = ({ Principal }: Statement): boolean =>
  Principal === "*" ||
  (Principal !== undefined && Object.values(Principal).some((names) => listOf(names).includes("*")));

/** How a message names a statement. */
export const named = ({ Sid }: Statement, index: number): string =>
  Sid === undefined ? `statement ${index + 1}` : `statement ${Sid}`;
