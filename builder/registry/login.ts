/** What a registry takes for HTTP's Basic authentication, itself or at the service that gives its tokens. */
export interface Login {
  username: string;
  password: string;
}

/**
 * Where a registry's login comes from; undefined: there is none, and the registry is asked anonymously. It is asked before each use, and so keeps a login for as
 * long as it holds.
 * @param renew The login that was given before was refused
 */
export type LoginSource = (options: { renew: boolean; signal: AbortSignal }) => Promise<Login | undefined>;

export const anonymous: LoginSource = () => Promise.resolve(undefined);

/** What `docker login` writes, and Kaniko and Kubernetes read: a login for each registry. No program is named to be run. */
export interface DockerConfig {
  auths: Record<string, { auth: string }>;
}

export const dockerConfig = (registry: string, { username, password }: Login): DockerConfig => ({
  auths: { [registry]: { auth: Buffer.from(`${username}:${password}`).toString("base64") } },
});

export const noLogin: DockerConfig = { auths: {} };

/**
 * Reads a `config.json`, of which only logins are taken: helpers and stores are programs of somebody else's machine.
 * @returns Undefined where the text is none
 */
export function readDockerConfig(text: string): DockerConfig | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  const auths = isRecord(read) ? read["auths"] : undefined;
  if (!isRecord(auths)) return undefined;
  const logins = Object.entries(auths).flatMap(([registry, entry]) => {
    if (!isRecord(entry)) return [];
    const { auth, username, password } = entry;
    if (typeof auth === "string") return [[registry, { auth }] as const];
    return typeof username === "string" && typeof password === "string"
      ? Object.entries(dockerConfig(registry, { username, password }).auths)
      : [];
  });
  return { auths: Object.fromEntries(logins) };
}

/** The login that a `config.json` has for a registry, however it writes the registry's name. */
export function loginOf({ auths }: DockerConfig, registry: string): Login | undefined {
  const entry = Object.entries(auths).find(
    ([name]) => name.replace(/^https?:\/\//, "").replace(/\/(v[12]\/?)?$/, "") === registry,
  )?.[1];
  if (!entry) return undefined;
  const text = Buffer.from(entry.auth, "base64").toString();
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
