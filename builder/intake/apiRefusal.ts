import { ApiError } from "../kubernetes/apiError";
import { keyText } from "../kubernetes/objects";
import type { FunctionKey } from "../types";
import { busy, Refusal } from "./refusal";

/** What the API server's refusal of a function is to the sender of its event; undefined where it is a fault of ours or of its own. */
export function apiRefusal(error: unknown, key: FunctionKey): Refusal | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const said = error.message.replace(/^[A-Z]+ \S+: \d+ /, "");
  switch (error.code) {
    case 400:
    case 422:
      return new Refusal(400, "Invalid", said);
    case 404:
      return new Refusal(
        400,
        "NoSuchNamespace",
        `there is no namespace ${key.namespace} for ${keyText(key)}`,
      );
    case 403:
      // Admission: a quota, a namespace that is being deleted, a policy. A right that the service lacks is no matter of the sender's.
      return /forbidden: User "/.test(said) ? undefined : new Refusal(403, "Forbidden", said);
    case 413:
      return new Refusal(413, "TooLarge", "the function is larger than the API server takes");
    case 429:
      return busy("the API server is busy; send the event again", seconds(error.retryAfterMs));
    default:
      return undefined;
  }
}

const seconds = (ms = 1_000): number => Math.max(1, Math.ceil(ms / 1000));
