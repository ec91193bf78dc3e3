/** One thing that is wrong with an event, and what would be right. */
export interface Mistake {
  /** Path of the field, as in `data.spec.runtime.language`. */
  field: string;
  message: string;
}

export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 413 | 429 | 500;

/** An event that is not taken, and why: what the sender is told. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    /** HTTP status. */
    readonly status: RefusalStatus,
    /** One CamelCase word. */
    readonly reason: string,
    message: string,
    readonly details: {
      mistakes?: readonly Mistake[];
      /** When to send the event again. */
      retryAfterSeconds?: number;
    } = {},
  ) {
    super(message);
  }
}

/** More of them are not read by anybody, and would make a long answer of a short question. */
export const MOST_MISTAKES = 50;

/** An event with mistakes, told all at once. */
export function invalid(mistakes: readonly Mistake[]): Refusal {
  const told = mistakes.slice(0, MOST_MISTAKES);
  const more = mistakes.length > told.length ? "; and more" : "";
  const message = told.map((mistake) => `${mistake.field}: ${mistake.message}`).join("; ");
  return new Refusal(400, "Invalid", message + more, { mistakes: told });
}

/** Too much at once: the same event will be taken later. */
export const busy = (message: string, retryAfterSeconds = 1 + Math.floor(Math.random() * 3)): Refusal =>
  new Refusal(429, "Busy", message, { retryAfterSeconds });
