import type { Panel, Query, Row } from "../../observability/panels";
import type { Sample, Series } from "./sample";

export interface AskArgs {
  /** Address of a Prometheus, or of what speaks its API. */
  prometheus: string;
  /** The time shown, in seconds since 1970. */
  from: number;
  to: number;
  /** Window over which rates are taken, as in `5m`. */
  window: string;
}

/** Points of a series: as many as a panel has room for. */
const POINTS = 240;

/** Fills in what Grafana's variables stand for: everything, over the time shown. */
export const withoutVariables = (
  expr: string,
  { from, to, window }: Pick<AskArgs, "from" | "to" | "window">,
) =>
  expr
    .replaceAll("$__range", `${Math.max(1, Math.round(to - from))}s`)
    .replaceAll("$window", window)
    .replaceAll(/\$(environment|namespace|function|function_begin)\b/g, ".*");

/**
 * Asks a Prometheus all that the dashboard asks.
 * @throws Error where it does not answer, or refuses a query
 */
export async function ask(rows: readonly Row[], args: AskArgs): Promise<Sample> {
  const { prometheus, from, to, window } = args;
  const panels: Sample["panels"] = {};
  for (const panel of rows.flatMap((row) => row.panels))
    panels[panel.id] = (await Promise.all(panel.queries.map((query) => answer(panel, query, args)))).flat();
  return { source: `Prometheus at ${new URL(prometheus).host}`, from, to, window, panels };
}

interface Result {
  metric: Record<string, string>;
  value?: [number, string];
  values?: [number, string][];
}

async function answer(panel: Panel, query: Query, args: AskArgs): Promise<Series[]> {
  const { prometheus, from, to } = args;
  const instant = panel.kind === "stat";
  const url = new URL(`api/v1/${instant ? "query" : "query_range"}`, `${prometheus.replace(/\/*$/, "")}/`);
  const parameters = instant
    ? { time: String(to) }
    : { start: String(from), end: String(to), step: String(Math.max(1, Math.ceil((to - from) / POINTS))) };
  for (const [name, value] of Object.entries({ query: withoutVariables(query.expr, args), ...parameters }))
    url.searchParams.set(name, value);
  const response = await fetch(url).catch((error: unknown) => {
    throw new Error(`${prometheus} does not answer: ${(error as Error).message}`, { cause: error });
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${prometheus} refuses the query of "${panel.title}": ${text.slice(0, 300)}`);
  const { data } = JSON.parse(text) as { data: { result: Result[] } };
  return data.result.map(({ metric, value, values }) => ({
    name: named(query.legend, metric),
    labels: metric,
    points: (values ?? (value ? [value] : [])).map(([at, number]) => [at, finite(number)]),
  }));
}

const named = (legend: string, metric: Record<string, string>): string =>
  legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "");

/** To six digits, which is more than a panel shows; NaN and infinities have no place on one. */
const finite = (text: string): number | null =>
  Number.isFinite(Number(text)) ? Number(Number(text).toPrecision(6)) : null;
