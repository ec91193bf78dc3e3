/** A mistake in how the preview was asked for. Its one line is meant for the user: no stack trace. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
