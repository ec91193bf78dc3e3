import { createHmac, timingSafeEqual } from "node:crypto";

/** What a one-build token is good for. */
export interface TokenClaims {
  /** Name of the build's Job. */
  job: string;
  /** Namespace of the function: where the credential's rights end. */
  namespace: string;
  /** Hash of the context: that of its files, in hex. */
  context: string;
}

/** Said first, so that the key signs nothing else by the same words. */
const PURPOSE = "knative-lambda build token 1\0";

/**
 * A token for one build: its claims, which are no secret, and an HMAC of them. The same claims make the same token, so that two replicas that make one Job make
 * the same Job. It holds while the build's Job waits for its context, and no longer: see `standing.ts`.
 */
export function signToken(key: Buffer, { job, namespace, context }: TokenClaims): string {
  const claims = Buffer.from(JSON.stringify([job, namespace, context])).toString("base64url");
  return `${claims}.${mac(key, claims).toString("base64url")}`;
}

/** The claims of a token that was signed with the key; undefined for any other text. */
export function readToken(key: Buffer, token: string): TokenClaims | undefined {
  const [claims = "", signature = "", ...more] = token.split(".");
  const given = Buffer.from(signature, "base64url");
  const right = mac(key, claims);
  // base64url has more than one way to write the same bytes; one token is one text.
  if (more.length > 0 || given.toString("base64url") !== signature) return undefined;
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return claimsOf(token);
}

/** The claims of a token, whoever signed it: for the holder, who can't tell. Undefined where it has none. */
export function claimsOf(token: string): TokenClaims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString());
    if (!Array.isArray(claims) || claims.length !== 3) return undefined;
    const [job, namespace, context] = claims as unknown[];
    return typeof job === "string" && typeof namespace === "string" && typeof context === "string"
      ? { job, namespace, context }
      : undefined;
  } catch {
    return undefined;
  }
}

const mac = (key: Buffer, claims: string): Buffer =>
  createHmac("sha256", key).update(PURPOSE).update(claims).digest();
