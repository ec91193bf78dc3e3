import type { EChartsCoreOption } from "echarts/core";
import type { Panel } from "../../../observability/panels";
import type { Series } from "../sample";
import { format } from "./format";

/** Colours of a theme, as the style sheet has them. */
export interface Colors {
  text: string;
  quiet: string;
  line: string;
  card: string;
  good: string;
  warn: string;
  bad: string;
}

const PALETTE = ["#3b7ddd", "#e08a2c", "#8e5bd0", "#2aa198", "#d6457a", "#7a8b2a", "#4aa3df", "#b0683b"];

/** A threshold's name in Grafana, as a colour of this page. */
export const colorOf = (name: string, { good, warn, bad }: Colors): string =>
  name === "green" ? good : name === "orange" || name === "yellow" ? warn : bad;

/** How a panel of series over time is drawn. */
export function chartOptions(
  panel: Panel,
  series: readonly Series[],
  colors: Colors,
  span: readonly [number, number],
): EChartsCoreOption {
  return panel.kind === "heatmap" ? heatmap(panel, series, colors) : lines(panel, series, colors, span);
}

const common = (colors: Colors) => ({
  animation: false,
  textStyle: { color: colors.text, fontFamily: "system-ui, sans-serif" },
  grid: { left: 8, right: 12, top: 14, bottom: 34, containLabel: true },
});
const axis = (colors: Colors) => ({
  axisLine: { lineStyle: { color: colors.line } },
  axisLabel: { color: colors.quiet, hideOverlap: true },
  splitLine: { lineStyle: { color: colors.line, opacity: 0.6 } },
});

const valuesOf = (series: readonly Series[]): number[] =>
  series.flatMap(({ points }) => points.map(([, value]) => value ?? 0));

/** The distance of an axis' lines in bytes: a power of two, so that each is a round figure in MiB or GiB. */
export const binaryStep = (most: number): number => 2 ** Math.ceil(Math.log2(Math.max(most, 5) / 5));

function lines(
  panel: Panel,
  series: readonly Series[],
  colors: Colors,
  [from, to]: readonly [number, number],
): EChartsCoreOption {
  const stacked = panel.kind === "timeseries" && panel.stacked === true;
  const reachesTo = panel.kind === "timeseries" ? (panel.reachesTo ?? 0) : 0;
  const marks = (panel.thresholds ?? []).flatMap(({ value, color }) =>
    value === null ? [] : [{ yAxis: value, lineStyle: { color: colorOf(color, colors) } }],
  );
  const highest = Math.max(reachesTo, ...marks.map(({ yAxis }) => yAxis));
  const most = Math.max(0, ...valuesOf(series));
  return {
    ...common(colors),
    color: PALETTE,
    legend: {
      bottom: 0,
      type: "scroll",
      textStyle: { color: colors.quiet, fontSize: 11 },
      itemWidth: 14,
      itemHeight: 8,
    },
    tooltip: {
      trigger: "axis",
      backgroundColor: colors.card,
      borderColor: colors.line,
      textStyle: { color: colors.text },
      valueFormatter: (value: unknown) => (typeof value === "number" ? format(value, panel.unit) : "–"),
    },
    xAxis: { type: "time", min: from * 1000, max: to * 1000, ...axis(colors), splitLine: { show: false } },
    yAxis: {
      type: "value",
      min: 0,
      // Up to the highest line, so that a limit far above the values is seen.
      max: ({ max }: { max: number }) => (max < highest ? highest * 1.05 : null),
      ...(panel.unit === "bytes" ? { interval: binaryStep(Math.max(highest, most)) } : {}),
      ...axis(colors),
      axisLabel: {
        color: colors.quiet,
        // The end of an axis that ends at a line is no round figure.
        showMaxLabel: highest <= most,
        formatter: (value: number) => format(value, panel.unit),
      },
    },
    series: series.map(({ name, points }, index) => ({
      type: "line",
      name,
      ...(stacked ? { stack: "all", areaStyle: { opacity: 0.35 } } : {}),
      // A point where a value stands alone.
      showSymbol: points.length < 60,
      symbolSize: 4,
      lineStyle: { width: 2 },
      data: points.map(([at, value]) => [at * 1000, value]),
      ...(index === 0 && marks.length > 0
        ? {
            markLine: {
              silent: true,
              symbol: "none",
              label: { show: false },
              lineStyle: { type: "dashed" },
              data: marks,
            },
          }
        : {}),
    })),
  };
}

/** Buckets of a histogram are cumulative: what a cell holds is what its bucket has more than the one below. */
export function heatmapCells(series: readonly Series[]): {
  bounds: string[];
  times: number[];
  cells: [number, number, number][];
} {
  const buckets = [...series].sort((a, b) => bound(a) - bound(b));
  const times = [...new Set(buckets.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const column = new Map(times.map((at, index) => [at, index]));
  const below = new Map<number, number>();
  const cells: [number, number, number][] = [];
  buckets.forEach(({ points }, row) => {
    for (const [at, value] of points) {
      if (value === null) continue;
      const own = value - (below.get(at) ?? 0);
      below.set(at, value);
      if (own > 0.001) cells.push([column.get(at) ?? 0, row, Number(own.toFixed(2))]);
    }
  });
  return { bounds: buckets.map(({ labels }) => labels["le"] ?? ""), times, cells };
}

const bound = ({ labels }: Series): number => (labels["le"] === "+Inf" ? Infinity : Number(labels["le"]));

function heatmap(panel: Panel, series: readonly Series[], colors: Colors): EChartsCoreOption {
  const { bounds, times, cells } = heatmapCells(series);
  const clock = (index: number): string =>
    new Date((times[index] ?? 0) * 1000).toLocaleTimeString([], {
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
    });
  const named = (le: string | undefined): string =>
    le === undefined || le === "+Inf" ? "longer" : `≤ ${format(Number(le), panel.unit)}`;
  return {
    ...common(colors),
    grid: { left: 8, right: 12, top: 14, bottom: 8, containLabel: true },
    tooltip: {
      backgroundColor: colors.card,
      borderColor: colors.line,
      textStyle: { color: colors.text },
      formatter: ({ value: [at, row, count] }: { value: [number, number, number] }) =>
        `${clock(at)}: ${count} ${named(bounds[row])}`,
    },
    xAxis: { type: "category", data: times.map((_, index) => clock(index)), ...axis(colors) },
    yAxis: { type: "category", data: bounds.map(named), ...axis(colors) },
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(1, ...cells.map(([, , count]) => count)),
      inRange: { color: ["#3b7ddd22", "#3b7ddd"] },
    },
    series: [{ type: "heatmap", data: cells, itemStyle: { borderWidth: 0 } }],
  };
}
