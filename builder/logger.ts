import { pino } from "pino";
import type { Environment } from "../contract/environment";
import type { Log } from "./log";

/** Values that no log shows, wherever they lie. */
const SECRET_KEYS = [
  "authorization",
  "token",
  "password",
  "secretAccessKey",
  "sessionToken",
  "auth",
  "BUILD_TOKEN",
];

/** JSON lines on standard output, written at once: what a process said before it died is there. */
export const logger = ({ LOG_LEVEL, POD_NAME }: Pick<Environment, "LOG_LEVEL" | "POD_NAME">): Log =>
  pino({
    level: LOG_LEVEL,
    base: { replica: POD_NAME },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    serializers: { err: errorFields },
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: "***",
    },
  });

/** An error without what libraries hang on to it: requests with their headers, answers with their bodies. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { reason } = error as { reason?: unknown };
  return {
    type: error.name,
    ...(typeof reason === "string" ? { reason } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}),
  };
}
