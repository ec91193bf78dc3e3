import { z } from "zod";
import { UserError } from "../../types";
import { hashOf } from "../hash";
import type { Lockfile } from "./dependencies";

export const PACKAGE_JSON = "package.json";
/** npm's lockfiles, in the order in which npm itself looks for them. */
export const NPM_LOCKFILES = ["npm-shrinkwrap.json", "package-lock.json"] as const;

/** What a Node.js function's package.json and its lockfile ask for. */
export interface NodePackages {
  lockfile: Lockfile;
  /** Whether there is anything to install. */
  any: boolean;
  /** Files among the source that npm needs to install: package.json, the lockfile, .npmrc. */
  manifests: readonly string[];
  /** What is installed depends on more of the source than these: a package in a folder, a script of the project's own. */
  needsSource: boolean;
  /** A lockfile tells that no package runs a script or is made for one C library: they run on musl as on glibc. */
  portable: boolean;
}

const versions = z.record(z.string(), z.string()).optional();
const packageJson = z.looseObject({
  dependencies: versions,
  optionalDependencies: versions,
  peerDependencies: versions,
  scripts: z.record(z.string(), z.unknown()).optional(),
  workspaces: z.unknown().optional(),
});
const npmLock = z.looseObject({ packages: z.record(z.string(), z.looseObject({})).optional() });

/** Scripts of the project that `npm ci` runs, and that may read any file of it. */
const INSTALL_SCRIPTS = [
  "preinstall",
  "install",
  "postinstall",
  "prepublish",
  "preprepare",
  "prepare",
  "postprepare",
];

/**
 * Reads package.json and the lockfile beside it.
 * @param texts manifests by path, all at the top of the source
 * @param sourceHash hash of the source, for dependencies that lie in it
 */
export function readNodePackages(texts: ReadonlyMap<string, string>, sourceHash: string): NodePackages {
  const text = texts.get(PACKAGE_JSON);
  const lockName = NPM_LOCKFILES.find((name) => texts.has(name));
  if (text === undefined)
    return {
      lockfile: { kind: "none", hash: hashOf(["npm"]) },
      any: false,
      manifests: [],
      needsSource: false,
      portable: true,
    };
  const parsed = read(PACKAGE_JSON, text, packageJson);
  const asked = { ...parsed.peerDependencies, ...parsed.dependencies, ...parsed.optionalDependencies };
  const any = Object.keys(asked).length > 0 || parsed.workspaces !== undefined;
  const lockText = lockName === undefined ? undefined : texts.get(lockName);
  const lock =
    lockName === undefined || lockText === undefined ? undefined : read(lockName, lockText, npmLock);

  const needsSource =
    any &&
    (parsed.workspaces !== undefined ||
      texts.has("binding.gyp") ||
      INSTALL_SCRIPTS.some((script) => parsed.scripts?.[script] !== undefined) ||
      Object.values(asked).some((version) => /^(file:|link:|\.|\/|~\/)/.test(version)));
  const manifests = [PACKAGE_JSON, ...(lockName === undefined ? [] : [lockName]), ".npmrc"].filter((name) =>
    texts.has(name),
  );
  return {
    lockfile: {
      kind: !any ? "none" : lock === undefined ? "ranges" : "locked",
      hash: hashOf(
        any
          ? [
              "npm",
              ...manifests.map((name) => [name, texts.get(name) ?? ""]),
              needsSource ? sourceHash : null,
            ]
          : ["npm"],
      ),
    },
    any,
    manifests,
    needsSource,
    portable: !any || (lock !== undefined && Object.values(lock.packages ?? {}).every(isPortable)),
  };
}

const isPortable = (entry: Record<string, unknown>): boolean =>
  entry["hasInstallScript"] !== true &&
  entry["libc"] === undefined &&
  // A package for one CPU is compiled code.
  entry["cpu"] === undefined;

function read<T extends z.ZodType>(name: string, text: string, type: T): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new UserError(
      "PackageJsonInvalid",
      `${name} is no JSON: ${(error as Error).message}`,
      "spec.source",
    );
  }
  const parsed = type.safeParse(value);
  if (parsed.success) return parsed.data;
  const at = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new UserError(
    "PackageJsonInvalid",
    `${name} is not what npm expects${at === "" ? "" : ` at ${at}`}: ${parsed.error.issues[0]?.message ?? ""}`,
    "spec.source",
  );
}
