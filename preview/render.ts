import { renderCapacity } from "./renderCapacity";
import { renderCost } from "./renderCost";
import { renderPolicies } from "./renderPolicies";
import { renderTree } from "./renderTree";
import { renderTuning } from "./renderTuning";
import type { Report } from "./report";
import { type Style, wrap } from "./text";

/** A report as text of at most 80 columns. */
export function render(report: Report, style: Style): string {
  const [first = "", ...notes] = report.notes;
  const lines = [
    ...wrap(first).map(style.strong),
    ...notes.flatMap((note) => wrap(note, "", "  ")),
    ...renderTree(report.resources, style, report.policies?.verdicts),
    ...renderTuning(report.tuning, style),
    ...renderCapacity(report.capacity, style),
    ...renderCost(report.cost, style),
    ...(report.policies === undefined ? [] : renderPolicies(report.policies, style)),
  ];
  return `${lines.join("\n")}\n`;
}
