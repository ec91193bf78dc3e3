/** What a registry asks for with a 401. */
export type Challenge =
  { scheme: "basic" } | { scheme: "bearer"; realm: string; service?: string; scope?: string };

/** Reads a `WWW-Authenticate` header. Undefined where it asks for nothing that is known here. */
export function readChallenge(header: string): Challenge | undefined {
  if (/^basic\b/i.test(header)) return { scheme: "basic" };
  if (!/^bearer /i.test(header)) return undefined;
  const { realm, service, scope } = Object.fromEntries(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]),
  ) as Partial<Record<"realm" | "service" | "scope", string>>;
  return realm === undefined
    ? undefined
    : {
        scheme: "bearer",
        realm,
        ...(service === undefined ? {} : { service }),
        ...(scope === undefined ? {} : { scope }),
      };
}

/**
 * The address at which to ask for a token.
 * @returns A text that says what is wrong with it
 */
export function tokenUrl(
  { realm, service, scope }: Challenge & { scheme: "bearer" },
  insecure: boolean,
): URL | string {
  const url = URL.parse(realm);
  // A login sent in the clear would be anyone's.
  if (!url || !(url.protocol === "https:" || (insecure && url.protocol === "http:")))
    return `names ${JSON.stringify(realm)} for its tokens, which is no address to send a login to`;
  if (service !== undefined) url.searchParams.set("service", service);
  if (scope !== undefined) url.searchParams.set("scope", scope);
  return url;
}

/** Reads a token service's answer. Undefined where it holds no token. */
export function readToken(text: string): { token: string; lastsMs: number } | undefined {
  let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown };
  try {
    answer = JSON.parse(text) as typeof answer;
  } catch {
    return undefined;
  }
  const token = answer.token ?? answer.access_token;
  if (typeof token !== "string" || token === "") return undefined;
  // 60 s is what the distribution specification says of an answer that says nothing.
  const seconds = typeof answer.expires_in === "number" ? answer.expires_in : 60;
  return { token, lastsMs: seconds * 1000 };
}
