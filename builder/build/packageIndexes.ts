import { posix } from "node:path";
import { hashOf } from "./hash";
import { CREDENTIALS_FOLDER } from "./podPaths";

/**
 * Name of the Secret by which a namespace gives its builds package indexes of its own. The init container puts its files beside the
 * registry's credential: there the build finds them, and no layer contains them.
 */
export const PACKAGE_INDEX_SECRET = "package-indexes";

/** Keys of that Secret, which are the files' names, with what reads each. */
export const PACKAGE_INDEX_FILES = {
  /** pip's configuration. */
  pip: "pip.conf",
  /** npm's, for the user. */
  npm: "npmrc",
  /** Go's environment: `GOPROXY=…`, a line each. */
  go: "go.env",
  /** User names and passwords by host, for pip and Go. */
  netrc: "netrc",
} as const;

type IndexFile = keyof typeof PACKAGE_INDEX_FILES;

export interface PackageIndexes {
  /** What a build is to find, by name. Holds credentials: never logged, never part of a context. */
  files: Readonly<Record<string, string>>;
  /** Which of the files there are. */
  has: Readonly<Record<IndexFile, boolean>>;
  /** Hash, in hex, of the indexes without the credentials for them: another password is no reason to build again. */
  identity: string;
}

/** @param data the Secret's data, decoded; undefined where the namespace has no such Secret */
export function readPackageIndexes(data: Readonly<Record<string, string>> | undefined): PackageIndexes {
  const entries = Object.entries(PACKAGE_INDEX_FILES);
  const files = Object.fromEntries(
    entries.flatMap(([, name]) => {
      const text = data?.[name];
      return text === undefined ? [] : [[name, text]];
    }),
  );
  return {
    files,
    has: Object.fromEntries(entries.map(([key, name]) => [key, files[name] !== undefined])) as Record<
      IndexFile,
      boolean
    >,
    identity: hashOf(
      entries.map(([key, name]) => [name, key === "netrc" ? [] : addresses(files[name] ?? "")]),
    ),
  };
}

/** Lines that say where packages come from, without user names, passwords and tokens. */
const addresses = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(
      (line) =>
        !/^[#;]/.test(line) && !/(_auth|_authtoken|_password|username|password|token)\s*=/i.test(line),
    )
    .filter((line) => line !== "")
    .map((line) => line.replace(/(:\/\/)[^/@\s]*@/g, "$1"));

/**
 * Variables for a command that installs, as `NAME=value ` each; "" without an index of one's own. Nothing in them is the user's. The
 * first of them has no reader: it makes a layer of one index another than that of the next.
 */
export function indexVariables(tool: "pip" | "npm" | "go", { has, identity }: PackageIndexes): string {
  const variables = {
    pip: { PIP_CONFIG_FILE: "pip", NETRC: "netrc" },
    npm: { NPM_CONFIG_USERCONFIG: "npm" },
    go: { GOENV: "go", NETRC: "netrc" },
  } as const satisfies Record<string, Record<string, IndexFile>>;
  const found = Object.entries<IndexFile>(variables[tool]).filter(([, file]) => has[file]);
  if (found.length === 0) return "";
  return [
    `PACKAGE_INDEX=${identity.slice(0, 16)} `,
    ...found.map(
      ([variable, file]) => `${variable}=${posix.join(CREDENTIALS_FOLDER, PACKAGE_INDEX_FILES[file])} `,
    ),
  ].join("");
}
