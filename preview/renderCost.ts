import type { MonthlyCost } from "../estimate/cost";
import { dollars, heading, type Style, WIDTH, wrap } from "./text";

/** The monthly estimate by line, each with what it assumes, and the day of its prices. */
export function renderCost({ lines, total, prices, notes }: MonthlyCost, style: Style): string[] {
  const row = (label: string, usd: number): string => {
    const amount = dollars(usd);
    return `${label}${amount.padStart(WIDTH - label.length)}`;
  };
  return [
    ...heading("Cost a month", style),
    ...lines.flatMap(({ label, usd, assumption }) => [
      row(label, usd),
      ...wrap(assumption, "    ").map(style.faint),
    ]),
    ...(lines.length > 0
      ? [
          style.strong(row("total", total)),
          ...wrap(
            `List prices of ${prices.region}: EC2 of ${prices.ec2}, others of ${prices.others}. Sources: estimate/prices.ts.`,
          ).map(style.faint),
        ]
      : []),
    ...notes.flatMap((note) => wrap(note).map(style.faint)),
  ];
}
