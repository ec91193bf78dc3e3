import { InfrastructureError } from "../types";

/** The API server's account of a failure (`kind: Status`). */
interface Status {
  reason?: string;
  message?: string;
  details?: { retryAfterSeconds?: number; causes?: { reason?: string; message?: string; field?: string }[] };
}

const MOST_SAID = 500;

/** An answer of the API server, or of what stands before it, that is no success. */
export class ApiError extends InfrastructureError {
  constructor(
    /** HTTP status, or the code in an ERROR event of a watch. */
    readonly code: number,
    /** Kubernetes' own reason, as in `AlreadyExists`; "" where the answer has none. */
    readonly statusReason: string,
    message: string,
    /** How long the server asks to wait, in milliseconds. */
    readonly retryAfterMs?: number,
    /** Reasons of the causes that the answer names. */
    readonly causes: readonly string[] = [],
  ) {
    super("ApiServerRefused", message);
  }

  /**
   * @param what What was asked, for the message
   * @param body The answer's body: a Status in JSON, or any text
   * @param retryAfter The header Retry-After, in seconds
   */
  static of(what: string, code: number, body: string, retryAfter?: string): ApiError {
    const status = readStatus(body);
    const seconds = Number(retryAfter ?? status?.details?.retryAfterSeconds);
    return new ApiError(
      code,
      status?.reason ?? "",
      `${what}: ${code} ${said(what, status?.message ?? body)}`.trimEnd(),
      Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
      (status?.details?.causes ?? []).flatMap(({ reason }) => (reason === undefined ? [] : [reason])),
    );
  }
}

/** The server's words. It repeats an object that it refuses as a whole, the cause at the end; and a Secret is for no log. */
function said(what: string, message: string): string {
  if (what.includes("/secrets")) return "";
  return message.length <= MOST_SAID
    ? message
    : `${message.slice(0, 150)} … ${message.slice(150 - MOST_SAID)}`;
}

function readStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;

/** A precondition did not hold: the object is another by now. Look again, then decide again. */
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 409 && error.statusReason !== "AlreadyExists";

export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 409 && error.statusReason === "AlreadyExists";

/** The version from which to watch is no longer kept, or not there yet: only a new list helps. */
export const isGone = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 410 || error.causes.includes("ResourceVersionTooLarge"));

/** The server has not done what was asked, but may if it is asked again. */
export const isTransient = (error: unknown): boolean =>
  error instanceof ApiError
    ? [429, 500, 502, 503, 504].includes(error.code) && !isGone(error)
    : error instanceof InfrastructureError;
