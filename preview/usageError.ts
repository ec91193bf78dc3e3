/** A mistake in how the preview was asked for. What it says, a line for each mistake, is meant for the user: no stack trace. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
