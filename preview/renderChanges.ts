import type { Changes, Pair, ResourceChange } from "./compare";
import type { ValueChange } from "./compareValues";
import { renderPolicies } from "./renderPolicies";
import { shortType } from "./renderTree";
import { evaluationNote } from "./report";
import type { Verdicts } from "./strict/verdicts";
import { cut, dollars, heading, shown, type Style, WIDTH, wrap } from "./text";

/** What differs between two reports, before → after, as text of at most 80 columns. */
export function renderChanges(changes: Changes, style: Style, policies?: Verdicts): string {
  const { before, after } = changes;
  const side = ({ stack, set }: Changes["before"]): string =>
    set.length > 0
      ? `${stack} with ${set.map((name) => name.replace("knative-lambda:", "")).join(", ")}`
      : stack;
  const lines = [
    style.strong(evaluationNote(after.stack)),
    ...wrap(`${side(before)} → ${side(after)}`, "", "  "),
    ...renderResources(changes, style),
    ...renderTuning(changes, style),
    ...renderCapacity(changes, style),
    ...renderCost(changes, style),
    ...(policies === undefined ? [] : renderPolicies(policies, style)),
  ];
  return `${lines.join("\n")}\n`;
}

const nothing = (lines: string[]): string[] => (lines.length > 0 ? lines : ["nothing changes"]);

const arrow = <T>(pair: Pair<T>, show: (value: T | null) => string = shown): string =>
  `${show(pair.before)} → ${show(pair.after)}`;

function renderResources({ resources, unchanged }: Changes, style: Style): string[] {
  const count = (kind: ResourceChange["kind"]): number =>
    resources.filter((change) => change.kind === kind).length;
  return [
    ...heading("Resources", style),
    ...wrap(
      `${count("changed")} changed, ${count("added")} added, ${count("removed")} removed, ${unchanged} unchanged`,
    ),
    ...resources.flatMap((change) => renderResource(change, style)),
  ];
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

/** Most changes shown of one resource; the JSON has them all. */
const MOST_VALUES = 8;

function renderResource({ kind, name, type, values }: ResourceChange, style: Style): string[] {
  const more = values.length - MOST_VALUES;
  return [
    ...wrap(`${name}  ${shortType(type)}`, `${SIGNS[kind]} `, "    ").map(style.strong),
    ...values.slice(0, more > 1 ? MOST_VALUES : undefined).flatMap(renderValue),
    ...(more > 1 ? [`    and ${more} more, which --json shows`] : []),
  ];
}

/** Longest form of one side of a change; the JSON has the whole. */
const SIDE = 60;

function renderValue({ path, before, after }: ValueChange): string[] {
  const sides = [before, after].map((value) => (value === undefined ? "(absent)" : shown(value)));
  const common = commonStart(sides[0] ?? "", sides[1] ?? "");
  const [a = "", b = ""] = sides.map((side) =>
    cut(common > SIDE / 2 ? `…${side.slice(common - 10)}` : side, SIDE),
  );
  const line = `${path}  ${a} → ${b}`;
  return line.length + 4 <= WIDTH
    ? [`    ${line}`]
    : [...wrap(path, "    ", "      "), ...wrap(`${a} → ${b}`, "      ")];
}

/** Characters that two texts begin with alike. */
function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

function renderTuning({ tuning }: Changes, style: Style): string[] {
  return [
    ...heading("Tuning", style),
    ...nothing(
      tuning.flatMap(({ setting, source, ...pair }) =>
        wrap(`${setting}  ${arrow(pair)}  (${source.after})`, "", "    "),
      ),
    ),
  ];
}

function renderCapacity({ capacity }: Changes, style: Style): string[] {
  const { atOnce, boundBy, perHour, bounds, drains, warnings } = capacity;
  return [
    ...heading("Capacity", style),
    ...nothing([
      ...(atOnce ? [style.strong(`builds at once  ${arrow(atOnce)}`)] : []),
      ...(boundBy
        ? wrap(`bound by  ${arrow(boundBy, (labels) => (labels ?? []).join(", "))}`, "", "    ")
        : []),
      ...(perHour ? [style.strong(`builds an hour  ${arrow(perHour)}`)] : []),
      ...bounds.flatMap(({ label, ...pair }) => wrap(`${label}  ${arrow(pair, count)}`, "  ", "    ")),
      ...drains.map(({ builds, ...pair }) => `minutes for ${builds} builds  ${arrow(pair, count)}`),
      ...warnings.before
        .filter((warning) => !warnings.after.some((now) => subjectOf(now) === subjectOf(warning)))
        .flatMap((warning) => wrap(warning, "gone: ", "  ").map(style.good)),
      ...warnings.after.flatMap((warning) => wrap(warning, "! ", "  ").map(style.warning)),
    ]),
  ];
}

/** What a warning is about: its beginning without its figures. One that only says other figures than before is not gone. */
const subjectOf = (warning: string): string => warning.replaceAll(/\d+/g, "").slice(0, 24);

const count = (value: number | null): string => (value === null ? "?" : String(value));

function renderCost({ cost }: Changes, style: Style): string[] {
  const { total } = cost;
  const amount = (usd: number | null): string => (usd === null ? "—" : dollars(usd));
  const row = (label: string, pair: Pair<number>): string => {
    const text = arrow(pair, amount);
    return `${label}${text.padStart(WIDTH - label.length)}`;
  };
  const difference = (total.after ?? 0) - (total.before ?? 0);
  return [
    ...heading("Cost a month", style),
    ...nothing(cost.lines.map(({ label, ...pair }) => row(label, pair))),
    style.strong(row("total", total)),
    style.strong(`${difference < 0 ? "-" : "+"}${dollars(Math.abs(difference))} a month`.padStart(WIDTH)),
  ];
}
