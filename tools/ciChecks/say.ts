import { UsageError } from "../../preview/usageError";

/** Where a check says what it found, a line at a time. */
export interface Say {
  out: (line: string) => void;
  err: (line: string) => void;
}

export const CONSOLE: Say = {
  out: (line) => {
    console.log(line);
  },
  err: (line) => {
    console.error(line);
  },
};

/** Whether an error is of how a check was called, and not a defect of it. */
export const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") === true);
