/** A line of a build's log. */
export interface LogLine {
  /** Severity of a line of Kaniko's own; undefined for what the build's commands wrote. */
  level: string | undefined;
  text: string;
}

/**
 * Takes a build's log apart. Kaniko writes JSON (`--log-format=json`); everything else came from commands. A command can write such JSON
 * too: what is read here may mislead the function's own status, and nothing else.
 */
export const readKanikoLog = (log: string): LogLine[] =>
  log.split("\n").flatMap((raw): LogLine[] => {
    const line = printable(raw);
    if (line.trim() === "") return [];
    if (line.startsWith("{"))
      try {
        const value = JSON.parse(line) as { level?: unknown; msg?: unknown };
        if (typeof value.level === "string" && typeof value.msg === "string")
          return value.msg
            .split("\n")
            .filter((text) => text.trim() !== "")
            .map((text) => ({ level: value.level as string, text: printable(text) }));
      } catch {
        // A command's output that begins with a brace.
      }
    return [{ level: undefined, text: line }];
  });

/** Colours, cursor movements and other control characters taken out; of a line that overwrites itself, what is seen last. */
const printable = (text: string): string =>
  (text.replace(/\r+$/, "").split("\r").at(-1) ?? "")
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g, "")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");

/** Lines and characters of a log that a status shows. */
export const TAIL_LINES = 20;
const TAIL_CHARACTERS = 4000;

/** The end of a log as a user is shown it: without Kaniko's progress, and without user names and passwords in addresses. */
export function logTail(lines: readonly LogLine[]): string[] {
  const shown = lines
    .filter(({ level }) => level === undefined || !/^(info|debug|trace)$/.test(level))
    .map(({ text }) => redact(text.length > 500 ? `${text.slice(0, 499)}…` : text))
    .slice(-TAIL_LINES);
  let characters = 0;
  const first = shown.findLastIndex((line) => (characters += line.length + 1) > TAIL_CHARACTERS);
  return shown.slice(first + 1);
}

/** Credentials in addresses, and tokens as npm and HTTP write them. */
const redact = (text: string): string =>
  text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, "$1***@")
    .replace(/(_authToken\s*=\s*|\b(?:bearer|basic)\s+)\S+/gi, "$1***");
