import type { Capacity } from "../estimate/capacity";
import { heading, type Style, wrap } from "./text";

const figure = (value: number | undefined): string => (value === undefined ? "?" : String(Math.floor(value)));

/** How many builds run at once and by the hour, what bounds them, and what to raise. */
export function renderCapacity(capacity: Capacity, style: Style): string[] {
  const { atOnce, boundBy, perHour, perHourBoundBy, bounds, drains, warnings, notes } = capacity;
  const labels = (ids: readonly string[]): string =>
    bounds
      .filter(({ id }) => ids.includes(id))
      .map(({ label }) => label)
      .join(", ");
  const unknown = bounds.some((bound) => bound.atOnce === undefined) ? "at most " : "";
  return [
    ...heading("Capacity", style),
    ...wrap(`${unknown}${atOnce} builds at once, by ${labels(boundBy)}`).map(style.strong),
    ...wrap(`${unknown}${perHour} builds an hour, by ${labels(perHourBoundBy)}`).map(style.strong),
    ...drains.flatMap(({ builds, minutes, minutesFromCold, boundBy: by, goal }) => {
      if (minutes === undefined) return wrap(`${builds} builds: never`).map(style.warning);
      const cold = minutesFromCold === undefined ? "" : `, ${minutesFromCold} with no build node up`;
      const within = (minutesFromCold ?? minutes) <= goal.minutes;
      const what = by === "put-image" ? " (ECR's PutImage)" : "";
      return wrap(
        `${builds} builds in ${minutes} minutes${what}${cold}; ${goal.source}: ${goal.minutes}`,
        "",
        "  ",
      ).map(within ? style.good : style.warning);
    }),
    "",
    style.faint(`${"bound".padEnd(32)}${"at once".padStart(8)}${"an hour".padStart(10)}`),
    ...bounds.flatMap(({ id, label, atOnce: builds, perHour: hourly, how }) => [
      `${label.padEnd(32)}${(id === "put-image" ? "–" : figure(builds)).padStart(8)}${figure(hourly).padStart(10)}`,
      ...wrap(how, "    ").map(style.faint),
    ]),
    ...warnings.flatMap((warning) => wrap(warning, "! ", "  ").map(style.warning)),
    ...notes.flatMap((note) => wrap(note, "", "  ").map(style.faint)),
  ];
}
