import assert from "node:assert/strict";
import { InfrastructureError } from "../../../../builder/types";

/** For `assert.rejects`: a failure around us that may pass, with that message. */
export const unreachable =
  (message: RegExp) =>
  (error: unknown): boolean => {
    if (!(error instanceof InfrastructureError)) throw error as Error;
    assert.equal(error.reason, "SourceUnreachable");
    assert.match(error.message, message);
    return true;
  };
