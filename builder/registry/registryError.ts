import { STATUS_CODES } from "node:http";
import { InfrastructureError } from "../types";

/** An answer of a registry that is no success. */
export class RegistryError extends InfrastructureError {
  constructor(
    /** HTTP status. */
    readonly code: number,
    /** The registry's own codes, as in `MANIFEST_UNKNOWN`. */
    readonly codes: readonly string[],
    message: string,
    /** How long the registry asks to wait, in milliseconds. */
    readonly retryAfterMs?: number,
  ) {
    super("RegistryRefused", message);
  }

  /** @param body The answer's body: the distribution API's errors in JSON, or any text */
  static of(host: string, code: number, body: string, retryAfter?: string): RegistryError {
    const errors = readErrors(body);
    const said = errors.map(({ code: name = "", message = "" }) => `${name} ${message}`.trim()).join("; ");
    const seconds = Number(retryAfter);
    return new RegistryError(
      code,
      errors.flatMap(({ code: name }) => (name === undefined ? [] : [name])),
      `${host} answered ${code} ${STATUS_CODES[code] ?? ""}`.trimEnd() +
        (said === "" ? "" : `: ${said.slice(0, 300)}`),
      retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
    );
  }
}

interface Problem {
  code?: string;
  message?: string;
}

function readErrors(body: string): Problem[] {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown };
    return Array.isArray(errors)
      ? errors.filter((error): error is Problem => typeof error === "object" && error !== null)
      : [];
  } catch {
    return [];
  }
}

/** The registry, or the way to it, failed; it may do what was asked if it is asked again. */
export const isTransient = (error: unknown): boolean =>
  error instanceof RegistryError
    ? [429, 500, 502, 503, 504].includes(error.code)
    : error instanceof InfrastructureError &&
      (error.reason === "RegistryUnreachable" || error.reason === "RegistryTimeout");
