import type { AuthorReason, PlatformReason } from "../../contract/function/reasons";
import type { BuildFailure } from "./failure";
import type { LogLine } from "./kaniko/log";

export type LogFailure = Omit<BuildFailure, "log">;

const userError = (reason: AuthorReason, message: string): LogFailure => ({
  kind: "UserError",
  reason,
  message,
  retry: false,
});
const infrastructure = (reason: PlatformReason, message: string): LogFailure => ({
  kind: "Infrastructure",
  reason,
  message,
  retry: true,
});
/** Its message names limits, which a log doesn't know. */
const outOf = (kind: "OutOfMemory" | "OutOfDisk"): LogFailure => ({
  kind,
  reason: `Build${kind}`,
  message: "",
  retry: false,
});

/** A registry's answer to who asks too often. */
const THROTTLED = /429 Too Many Requests|TOOMANYREQUESTS/i;

/** Whether a build's log tells of a registry that asked for patience: also where the next try was let through. */
export const saysThrottled = (log: string | undefined): boolean => log !== undefined && THROTTLED.test(log);

/** How networks fail, as Go, Python and Node.js say it: whether in Kaniko or in what a command runs. */
const NETWORK = new RegExp(
  [
    "i/o timeout|TLS handshake timeout|Client\\.Timeout exceeded|Read timed out|(Read|Connect)TimeoutError",
    "connection (refused|reset|timed out)|NewConnectionError|socket hang up|unexpected EOF",
    "no such host|temporary failure in name resolution|network is unreachable",
    "\\b(EAI_AGAIN|ENOTFOUND|ECONNRESET|ECONNREFUSED|ETIMEDOUT)\\b",
    "\\b50[0234] (Bad Gateway|Service Unavailable|Gateway Time-?out|(Internal )?Server Error)|(status code:?|HTTP error|npm error code E)\\s?50[0234]",
    THROTTLED.source,
  ].join("|"),
  "i",
);

/** What ends a process that asks for more memory than there is, as shells, Node.js, Python and Go report it. */
const KILLED =
  /\bsignal: killed\b|exit status 137\b|\bSIGKILL\b|JavaScript heap out of memory|^Killed$|cannot allocate memory|MemoryError/;

interface Rule {
  /** Kaniko's last words. */
  error: RegExp;
  /** What they mean where the Dockerfile is the platform's. */
  ours: (words: string) => LogFailure;
  /** And where it is the user's own. @default the same */
  theirs?: (words: string) => LogFailure;
}

const registryRefused = (words: string) =>
  infrastructure("RegistryRefused", `a registry refused the build's credential: ${words}`);

/** In this order: a phase that is the platform's goes before words that any phase may say. */
const RULES: readonly Rule[] = [
  {
    error: /error pushing image|failed to push|error checking push permission/,
    ours: (words) => infrastructure("ImagePushFailed", `the image could not be pushed: ${words}`),
  },
  {
    error: /parsing dockerfile|dockerfile parse error|unknown instruction|error resolving dockerfile path/i,
    ours: (words) => infrastructure("BuildFailed", words),
    theirs: (words) => userError("DockerfileInvalid", `the Dockerfile can't be read: ${words}`),
  },
  {
    error: NETWORK,
    ours: (words) => infrastructure("RegistryUnreachable", `a registry did not answer: ${words}`),
  },
  {
    error: /MANIFEST_UNKNOWN|NAME_UNKNOWN|manifest unknown/i,
    ours: (words) => infrastructure("BaseImageMissing", `the base image can't be had: ${words}`),
    theirs: (words) =>
      userError("DockerfileImageMissing", `the Dockerfile names an image that isn't there: ${words}`),
  },
  {
    error: /UNAUTHORIZED|DENIED|\b40[13]\b/,
    ours: registryRefused,
    // Registries answer so for images that don't exist, too.
    theirs: (words) =>
      userError("DockerfileImageMissing", `the Dockerfile names an image that can't be had: ${words}`),
  },
  {
    error:
      /failed to get files used from context|copy failed|no source files were specified|failed to get fileinfo/,
    ours: (words) => infrastructure("BuildFailed", words),
    theirs: (words) => userError("DockerfileFailed", `an instruction of the Dockerfile failed: ${words}`),
  },
];

/**
 * Reads why Kaniko ended. Its exit code is that of a command that failed, or 1, which a command's may be as well: so the phase decides. An
 * instruction's command is the user's, and so is a Dockerfile of theirs; a registry is not. What is not known is taken for infrastructure,
 * and tried again.
 */
export function classifyLog(lines: readonly LogLine[], ownDockerfile: boolean): LogFailure {
  const words = lastWords(lines);
  const shown = words.length > 600 ? `${words.slice(0, 599)}…` : words;
  const output = lines.filter(({ level }) => level === undefined).slice(-60);
  const said = (pattern: RegExp): boolean =>
    pattern.test(words) || output.some(({ text }) => pattern.test(text));

  if (said(/no space left on device|ENOSPC/i)) return outOf("OutOfDisk");
  if (/waiting for process to exit|starting command/.test(words))
    return said(KILLED) ? outOf("OutOfMemory") : commandFailure(words, said(NETWORK));
  const rule = RULES.find(({ error }) => error.test(words));
  if (rule) return (ownDockerfile ? (rule.theirs ?? rule.ours) : rule.ours)(shown);
  return infrastructure("BuildFailed", words === "" ? "the build failed and left no log" : shown);
}

/** A command failed: the user's, unless what it asked the network for didn't come. */
function commandFailure(words: string, network: boolean): LogFailure {
  const status = /exit status \d+/.exec(words)?.[0] ?? "an error";
  return network
    ? infrastructure(
        "PackageIndexUnreachable",
        `a package index did not answer (a command ended with ${status})`,
      )
    : userError(
        "BuildCommandFailed",
        `a command of the build ended with ${status}; its last lines say why. Mend the source, or what it depends on`,
      );
}

/** What Kaniko says as it ends: in plain text, whatever the log's format. Before that, an error of its log. */
const lastWords = (lines: readonly LogLine[]): string =>
  (
    lines.findLast(({ text }) =>
      /^(Error: |error (building image|pushing image|checking push|resolving|changing))/.test(text),
    ) ?? lines.findLast(({ level }) => level === "fatal" || level === "error")
  )?.text ?? "";
