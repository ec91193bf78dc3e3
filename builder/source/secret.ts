import { UserError } from "../types";

/** What a Secret holds: its data, decoded. */
export type SecretData = Readonly<Record<string, string>>;

/** Reads a Secret, or undefined where there is none. Throws UserError where the builder may not read it. */
export type ReadSecret = (
  namespace: string,
  name: string,
  signal: AbortSignal,
) => Promise<SecretData | undefined>;

/** A Secret that a source names, with the field that names it. */
export interface NamedSecret {
  name: string;
  field: string;
  data: SecretData;
}

/** The first value that a Secret has under one of the keys; blanks around it, as a file's last line break, are taken off. */
const first = ({ data }: NamedSecret, keys: readonly string[]): string | undefined =>
  keys.map((key) => (Object.hasOwn(data, key) ? data[key]?.trim() : undefined)).find((value) => !!value);

const incomplete = ({ name, field }: NamedSecret, what: string): UserError =>
  new UserError("SecretIncomplete", `the Secret ${name} ${what}`, field);

export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The keys under which users of the public operator have them already come along. */
const ACCESS_KEY_ID = ["AWS_ACCESS_KEY_ID", "access-key", "accesskey", "accessKey"] as const;
const SECRET_ACCESS_KEY = ["AWS_SECRET_ACCESS_KEY", "secret-key", "secretkey", "secretKey"] as const;

/** The access key of an S3-compatible store. */
export function accessKey(secret: NamedSecret): AccessKey {
  const accessKeyId = first(secret, ACCESS_KEY_ID);
  const secretAccessKey = first(secret, SECRET_ACCESS_KEY);
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw incomplete(
      secret,
      `lacks ${accessKeyId === undefined ? ACCESS_KEY_ID[0] : SECRET_ACCESS_KEY[0]}` +
        (Object.keys(secret.data).some((key) => key.endsWith(".json"))
          ? "; a service account's JSON can't be used, make an HMAC key of Cloud Storage"
          : ""),
    );
  const sessionToken = first(secret, ["AWS_SESSION_TOKEN"]);
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** Users whose password is a token, where the Secret names none: what the hosts' documentation asks for. */
const TOKENS: readonly (readonly [key: string, user: string])[] = [
  ["token", "git"],
  ["github-token", "x-access-token"],
  ["gitlab-token", "oauth2"],
];

/** Value of the Authorization header for a git server. */
export function basicAuthorization(secret: NamedSecret): string {
  const username = first(secret, ["username"]);
  const password = first(secret, ["password"]);
  const [user, token] =
    password !== undefined
      ? [username ?? "git", password]
      : (TOKENS.map(([key, user]) => [username ?? user, first(secret, [key])] as const).find(
          ([, value]) => value !== undefined,
        ) ?? []);
  if (user === undefined || token === undefined)
    throw incomplete(
      secret,
      Object.hasOwn(secret.data, "ssh-privatekey")
        ? "holds an SSH key; git is read over HTTPS, with username and password, or token"
        : "lacks username and password, or token",
    );
  if (/[\r\n\0]/.test(user + token) || user.includes(":"))
    throw incomplete(secret, "holds no username or token");
  return `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
}
