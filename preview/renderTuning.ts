import { cut, heading, shown, type Style, WIDTH, wrap } from "./text";
import type { TuningRow } from "./tuning";

const COLUMNS = { setting: 40, value: 15, source: 12 };

/** What is left of a line for SRE-002's figure. */
const SPECIFIED = WIDTH - COLUMNS.setting - COLUMNS.value - COLUMNS.source;

/** The effective tuning as a table, a group for each section of the stack file. Absent settings are named below it. */
export function renderTuning(rows: readonly TuningRow[], style: Style): string[] {
  const present = rows.filter(({ value, sre002 }) => value !== null || sre002 !== undefined);
  const absent = rows.filter((row) => !present.includes(row)).map(({ setting }) => setting);
  const header = `${"setting".padEnd(COLUMNS.setting)}${"value".padEnd(COLUMNS.value)}${"from".padEnd(COLUMNS.source)}SRE-002`;
  const groups = new Map<string, TuningRow[]>();
  for (const row of present) groups.set(groupOf(row), [...(groups.get(groupOf(row)) ?? []), row]);
  return [
    ...heading("Tuning", style),
    style.faint(header),
    ...[...groups].flatMap(([group, members]) => [
      ...(group === "" ? [] : [style.strong(group)]),
      ...members.flatMap((row) => renderRow(row, group, style)),
    ]),
    ...(absent.length > 0 ? wrap(`Absent, without a default: ${absent.join(", ")}.`).map(style.faint) : []),
  ];
}

const GROUPS = ["builderService.kaniko", "budget.assumptions"];

const groupOf = ({ setting }: TuningRow): string =>
  GROUPS.find((group) => setting.startsWith(`${group}.`)) ??
  (setting.includes(".") ? (setting.split(".")[0] ?? "") : "");

function renderRow({ setting, value, source, sre002 }: TuningRow, group: string, style: Style): string[] {
  const name = group === "" ? setting : `  ${setting.slice(group.length + 1)}`;
  const specified = sre002 === undefined ? "" : sre002.agrees ? `= ${sre002.figure}` : `≠ ${sre002.figure}`;
  const tail = (text: string): string =>
    sre002 === undefined ? text : sre002.agrees ? style.good(text) : style.warning(text);
  const text = value === null ? "(absent)" : shown(value);
  const [label, figure] = [name.padEnd(COLUMNS.setting), text.padEnd(COLUMNS.value)];
  const from = specified === "" ? source : source.padEnd(COLUMNS.source);
  if (name.length < COLUMNS.setting && text.length < COLUMNS.value && specified.length <= SPECIFIED)
    return [`${label}${figure}${style.faint(from)}${tail(specified)}`];
  // What is too long for its column gets lines of its own.
  return [
    `${cut(name, COLUMNS.setting + COLUMNS.value - 1).padEnd(COLUMNS.setting + COLUMNS.value)}${style.faint(source)}`,
    ...wrap(text, "      ", "      "),
    ...(specified === "" ? [] : wrap(specified, "      ").map(tail)),
  ];
}
