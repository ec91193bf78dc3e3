import type { Threshold } from "@grafana/grafana-foundation-sdk/dashboard";
import type { Vector } from "./promql";
import type { Runbook } from "./runbooks";

/** A row of the dashboard, from left to right; the widths of its panels sum up to 24. */
export interface Row {
  title: string;
  panels: Panel[];
}

export interface Query {
  expr: Vector<string>;
  /** Name in the legend; `{{label}}` stands for a label's value. */
  legend: string;
}

/** Grafana's units that are in use here: decimal bytes for images, binary ones for memory, as their targets are written. */
export type Unit =
  "s" | "percentunit" | "decbytes" | "bytes" | "short" | "currencyUSD" | "reqps" | "suffix: cores";

export interface PanelArgs {
  /** Part of links to the panel: stays as it is when panels move. */
  id: number;
  title: string;
  /** What is shown, and what good looks like. */
  description: string;
  /** SRE-002's own queries where they differ, and why. */
  specified?: { queries: readonly string[]; reason: string };
  /** What to do where it does not look good. */
  runbook?: Runbook;
  unit: Unit;
  /** Of 24 columns. */
  width: number;
  queries: readonly Query[];
  /** Colours from a value up; on a graph each value is a dashed line. */
  thresholds?: readonly Threshold[];
}

export interface TimeseriesArgs extends PanelArgs {
  /** The axis reaches at least up to here, so that a limit far above the values is seen. */
  reachesTo?: number;
  /** Series add up to a whole. */
  stacked?: boolean;
}

/** What is drawn, whoever draws it: Grafana, or the page of `npm run dashboard -- --html`. */
export type Panel =
  | ({ kind: "timeseries" } & TimeseriesArgs)
  | ({ kind: "stat" } & PanelArgs)
  | ({ kind: "heatmap" } & PanelArgs);

/** Values over time. A point where a value stands alone: builds are rare enough for that. */
export const timeseries = (args: TimeseriesArgs): Panel => ({ kind: "timeseries", ...args });

/** One value over the whole time shown, green where it meets its target. Nothing to show is not a zero. */
export const stat = (args: PanelArgs): Panel => ({ kind: "stat", ...args });

/** How often each bucket of a histogram was hit, over time. The query keeps `le`. */
export const heatmap = (args: PanelArgs): Panel => ({ kind: "heatmap", ...args });

const BASE_COLOR = "green";

/** Good below a value. */
export const below = (value: number): Threshold[] => [
  { value: null, color: BASE_COLOR },
  { value, color: "red" },
];

/** Good from a value up. */
export const above = (value: number): Threshold[] => [
  { value: null, color: "red" },
  { value, color: BASE_COLOR },
];

/** Lines at several values, of which the later named covers an equal one. */
export function lines(...at: { value: number; color: string }[]): Threshold[] {
  const colors = new Map(at.map(({ value, color }) => [value, color]));
  const steps = [...colors].map(([value, color]) => ({ value, color })).sort((a, b) => a.value - b.value);
  return [{ value: null, color: BASE_COLOR }, ...steps];
}

/** All that is said of a panel, SRE-002's own queries included. */
export function described({ description, specified }: PanelArgs): string {
  if (specified === undefined) return description;
  const queries = specified.queries.map((query) => `\n    ${query}`).join("");
  return `${description}\n\nSRE-002 has:\n${queries}\n\n${specified.reason}`;
}
