import { type ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { InfrastructureError } from "../../types";
import type { Login, LoginSource } from "../login";

/** A login of ECR, and until when it holds. */
export interface EcrLogin extends Login {
  expiresAt: Date;
}

/** A login is not used in the last part of its life, which is 12 hours. */
const MARGIN_MS = 30 * 60_000;
/** Time between two requests for a login while the last one holds: a registry that refuses every login, or gives none, is not asked at each use. */
const BETWEEN_MS = 60_000;
const TIMEOUT_MS = 10_000;

/** Asks ECR for a login, which has the rights of whoever `ecr` stands for. */
export async function ecrLogin(
  ecr: Pick<ECRClient, "send">,
  signal: AbortSignal | undefined,
): Promise<EcrLogin> {
  const timeout = { requestTimeout: TIMEOUT_MS, ...(signal === undefined ? {} : { abortSignal: signal }) };
  const { authorizationData } = await ecr
    .send(new GetAuthorizationTokenCommand({}), timeout)
    .catch((cause: unknown) => {
      if (signal?.aborted) throw signal.reason;
      throw new InfrastructureError("RegistryLoginFailed", `ECR gave no login: ${(cause as Error).message}`, {
        cause,
      });
    });
  const { authorizationToken, expiresAt } = authorizationData?.[0] ?? {};
  const text = Buffer.from(authorizationToken ?? "", "base64").toString();
  const colon = text.indexOf(":");
  if (colon < 0 || expiresAt === undefined)
    throw new InfrastructureError("RegistryLoginFailed", "ECR answered without a login");
  return { username: text.slice(0, colon), password: text.slice(colon + 1), expiresAt };
}

/** The builder's own login: asked for once in a while, and once for however many ask at a time. One that still holds is used on where ECR gives no other. */
export function ecrLoginSource(ecr: Pick<ECRClient, "send">, now: () => number = Date.now): LoginSource {
  let current: EcrLogin | undefined;
  let asked: Promise<EcrLogin> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  return ({ renew }) => {
    if (asked === undefined && current !== undefined) {
      const left = current.expiresAt.getTime() - now();
      if (left > 0 && (now() - askedAt < BETWEEN_MS || (!renew && left > MARGIN_MS)))
        return Promise.resolve(current);
    }
    if (asked !== undefined) return asked;
    askedAt = now();
    // Shared, so it does not end with the first who asked.
    asked = ecrLogin(ecr, undefined)
      .then((login) => (current = login))
      .catch((error: unknown) => {
        if (current !== undefined && current.expiresAt.getTime() > now()) return current;
        throw error;
      })
      .finally(() => (asked = undefined));
    return asked;
  };
}
