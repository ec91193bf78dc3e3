import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  SpecialValueMatch,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  CellValuesBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Vector } from "./promql";
import { DATASOURCE } from "./variables";

/** A row of the dashboard, from left to right; the widths of its panels sum up to 24. */
export interface Row {
  title: string;
  panels: Builder<Panel>[];
}

export interface Query {
  expr: Vector<string>;
  /** Name in the legend; `{{label}}` stands for a label's value. */
  legend: string;
}

/** Grafana's units that are in use here: decimal bytes for images, binary ones for memory, as their targets are written. */
type Unit = "s" | "percentunit" | "decbytes" | "bytes" | "short" | "suffix: cores";

export interface PanelArgs {
  /** Part of links to the panel: stays as it is when panels move. */
  id: number;
  title: string;
  /** What is shown, and what good looks like. */
  description: string;
  /** SRE-002's own queries where they differ, and why. */
  specified?: { queries: readonly string[]; reason: string };
  unit: Unit;
  /** Of 24 columns. */
  width: number;
  queries: readonly Query[];
  /** Colours from a value up; on a graph each value is a dashed line. */
  thresholds?: readonly Threshold[];
}

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

type AnyBuilder = TimeseriesBuilder | StatBuilder | HeatmapBuilder;

function described({ description, specified }: PanelArgs): string {
  if (specified === undefined) return description;
  const queries = specified.queries.map((query) => `\n    ${query}`).join("");
  return `${description}\n\nSRE-002 has:\n${queries}\n\n${specified.reason}`;
}

/** What all panels have in common. */
function common<B extends AnyBuilder>(builder: B, args: PanelArgs, height: number): B {
  builder
    .id(args.id)
    .title(args.title)
    .description(described(args))
    .datasource(DATASOURCE)
    .unit(args.unit)
    .span(args.width)
    .height(height);
  if (args.thresholds !== undefined)
    builder.thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...args.thresholds]),
    );
  return builder;
}

const dataQuery = ({ expr, legend }: Query, index: number) =>
  new DataqueryBuilder()
    .refId(String.fromCharCode(65 + index))
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(legend);

export interface TimeseriesArgs extends PanelArgs {
  /** The axis reaches at least up to here, so that a limit far above the values is seen. */
  reachesTo?: number;
}

/** Values over time. A point where a value stands alone: builds are rare enough for that. */
export function timeseries(args: TimeseriesArgs): TimeseriesBuilder {
  const builder = common(new TimeseriesBuilder(), args, 9)
    .targets(args.queries.map((query, index) => dataQuery(query, index).range()))
    .min(0)
    .lineWidth(2)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Auto)
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        args.thresholds === undefined ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Dashed,
      ),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(["lastNotNull", "max"]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  return args.reachesTo === undefined ? builder : builder.axisSoftMax(args.reachesTo);
}

/** One value over the whole time shown, green where it meets its target. Nothing to show is not a zero. */
export function stat(args: PanelArgs): StatBuilder {
  return common(new StatBuilder(), args, 4)
    .targets(args.queries.map((query, index) => dataQuery(query, index).instant()))
    .decimals(1)
    .noValue("none yet")
    .mappings([
      {
        type: MappingType.SpecialValue,
        options: {
          match: SpecialValueMatch.NullAndNan,
          result: { text: "none yet", color: "text", index: 0 },
        },
      },
    ])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false));
}

/** How often each bucket of a histogram was hit, over time. The query keeps `le`. */
export function heatmap(args: PanelArgs): HeatmapBuilder {
  return (
    common(new HeatmapBuilder(), args, 9)
      .targets(
        args.queries.map((query, index) => dataQuery(query, index).range().format(PromQueryFormat.Heatmap)),
      )
      .calculate(false)
      // The unit is the axis's; a cell holds a count.
      .unit("short")
      .cellValues(new CellValuesBuilder().unit("short").decimals(0))
      .yAxis(new YAxisConfigBuilder().unit(args.unit).min(0))
      .color(
        new HeatmapColorOptionsBuilder()
          .mode(HeatmapColorMode.Scheme)
          .scheme("Blues")
          .exponent(0.5)
          .steps(64),
      )
      .showValue(VisibilityMode.Never)
  );
}
