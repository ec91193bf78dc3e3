import type { Panel } from "../../observability/panels";

/** A series over time. `null` where it had no value. */
export interface Series {
  name: string;
  /** Of a heatmap: the upper bound of the bucket. */
  labels: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value. */
  points: [at: number, value: number | null][];
}

/** What a Prometheus answered to the dashboard's queries: what the page draws. */
export interface Sample {
  /** Where it is from, for people. */
  source: string;
  /** The time shown, in seconds since 1970. */
  from: number;
  to: number;
  /** Window over which rates are taken. */
  window: string;
  /** Series of each panel's queries, by the panel's id. */
  panels: Record<string, Series[]>;
}

/** A row as the page draws it: all that Grafana would be told, and what the data source answered. */
export interface DrawnRow {
  title: string;
  panels: { panel: Panel; description: string; runbook: string; series: Series[] }[];
}

/** All that the page is made of. */
export interface PageData {
  title: string;
  stack: string;
  sample: Omit<Sample, "panels">;
  rows: DrawnRow[];
}
