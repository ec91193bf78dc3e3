import { type S3ServiceException } from "@aws-sdk/client-s3";
import { InfrastructureError, UserError } from "../../types";
import { shown } from "../sourcePath";

export interface StorePlace {
  /** How messages call the object, as in s3://bucket/key. */
  what: string;
  /** Field of the object's key, bucket or endpoint. */
  field: string;
  /** Whether it is the platform's bucket: there only a missing object is the user's to mend. */
  ours: boolean;
}

const MISSING = new Set(["NoSuchKey", "NotFound", "NoSuchBucket", "NoSuchVersion"]);
const ELSEWHERE = new Set([
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "Redirect",
  "TemporaryRedirect",
]);
/** Refusals that go away by themselves. */
const PASSING = new Set(["RequestTimeTooSkewed", "RequestTimeout", "SlowDown"]);

/** What an error of the client means: whose it is to mend, and how. */
export function storeError(error: unknown, { what, field, ours }: StorePlace): Error {
  if (error instanceof UserError || error instanceof InfrastructureError) return error;
  const { name, message, $metadata } = error as Partial<S3ServiceException> & Error;
  const status = $metadata?.httpStatusCode;
  const failed = (reason: string) =>
    new InfrastructureError("SourceUnreachable", `${what}: ${reason}`, { cause: error });
  // No answer, or one of which the client made nothing.
  if (status === undefined || PASSING.has(name)) return failed(`${name}: ${message}`);
  if (name === "NoSuchBucket" && ours) return failed("the platform's bucket doesn't exist");
  if (MISSING.has(name) || status === 404)
    return new UserError("SourceNotFound", `${what} doesn't exist`, field);
  if (ours) return failed(`the platform's bucket answers ${status} ${shown(name)}`);
  if (ELSEWHERE.has(name) || status === 301)
    return new UserError("SourceInvalid", `${what} is in another region than the source says`, field);
  if (status >= 300 && status < 400)
    return new UserError(
      "SourceInvalid",
      `${what} is elsewhere: the store redirects (${status}), which is not followed; name the endpoint that it leads to`,
      field,
    );
  if (status === 401 || status === 403)
    return new UserError(
      "SourceForbidden",
      `${what} may not be read: ${shown(name)}; name a Secret that may, or mend the one that is named`,
      field,
    );
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    return new UserError(
      "SourceInvalid",
      `${what} can't be read: the store answers ${status} ${shown(name)}`,
      field,
    );
  return failed(`the store answers ${status} ${shown(name)}`);
}
