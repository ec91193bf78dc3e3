/** Columns that every line of the preview keeps to. */
export const WIDTH = 80;

/** Emphasis, put on after a line has been laid out; on anything but a terminal each answers the text as it is. */
export interface Style {
  strong: (text: string) => string;
  faint: (text: string) => string;
  good: (text: string) => string;
  warning: (text: string) => string;
}

const plain = (text: string): string => text;
const code =
  (start: number, end: number) =>
  (text: string): string =>
    text === "" ? "" : `\u001b[${start}m${text}\u001b[${end}m`;

export const style = (colour: boolean): Style =>
  colour
    ? { strong: code(1, 22), faint: code(2, 22), good: code(32, 39), warning: code(33, 39) }
    : { strong: plain, faint: plain, good: plain, warning: plain };

/**
 * Words in lines of at most `width` columns, the first after `first`, the others after `rest`.
 * A word that is longer than a line is cut.
 */
export function wrap(text: string, first = "", rest = first, width = WIDTH): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(" ").flatMap((part) => pieces(part, width - rest.length))) {
    const longer = empty ? `${line}${word}` : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      empty = false;
      continue;
    }
    if (!empty) lines.push(line);
    line = `${rest}${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** A word in pieces of at most `room` columns, parted behind a `/`, `:`, `,` or `.` where there is one. */
function pieces(word: string, room: number): string[] {
  if (word.length <= room) return [word];
  const parted = /^.*[/:,.]/.exec(word.slice(0, room))?.[0].length ?? room;
  return [word.slice(0, parted), ...pieces(word.slice(parted), room)];
}

/** A text cut to a number of columns. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/** A heading with a rule below. */
export const heading = (text: string, { strong }: Style): string[] => [
  "",
  strong(text),
  "─".repeat(text.length),
];

/** A value in a line: texts as they are, lists and mappings as JSON without quotes around plain words. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "string") return value === "" ? '""' : value.replace(/\s+/g, " ");
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${shown(item)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}

/** US dollars with cents. */
export const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
