import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel as GrafanaPanel,
  SpecialValueMatch,
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
import { described, type Panel, type PanelArgs, type Query, type TimeseriesArgs } from "./panels";
import { runbookAddress } from "./runbooks";
import { DATASOURCE } from "./variables";

type AnyBuilder = TimeseriesBuilder | StatBuilder | HeatmapBuilder;

/**
 * A panel as Grafana has it.
 * @param runbooks Address below which the runbooks are read; "": a panel names its runbook's file
 */
export function grafanaPanel(panel: Panel, runbooks: string): Builder<GrafanaPanel> {
  switch (panel.kind) {
    case "timeseries":
      return timeseries(panel, runbooks);
    case "stat":
      return stat(panel, runbooks);
    case "heatmap":
      return heatmap(panel, runbooks);
  }
}

/** What all panels have in common. */
function common<B extends AnyBuilder>(builder: B, args: PanelArgs, height: number, runbooks: string): B {
  const runbook = args.runbook === undefined ? "" : runbookAddress(args.runbook, runbooks);
  const named = runbook !== "" && runbooks === "";
  builder
    .id(args.id)
    .title(args.title)
    .description(named ? `${described(args)}\n\nRunbook: ${runbook}` : described(args))
    .datasource(DATASOURCE)
    .unit(args.unit)
    .span(args.width)
    .height(height);
  if (runbook !== "" && !named)
    builder.links([
      new DashboardLinkBuilder("Runbook").type(DashboardLinkType.Link).url(runbook).targetBlank(true),
    ]);
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

function timeseries(args: TimeseriesArgs, runbooks: string): TimeseriesBuilder {
  const builder = common(new TimeseriesBuilder(), args, 9, runbooks)
    .targets(args.queries.map((query, index) => dataQuery(query, index).range()))
    .min(0)
    .lineWidth(2)
    .fillOpacity(args.stacked === true ? 40 : 8)
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
  if (args.stacked === true) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  return args.reachesTo === undefined ? builder : builder.axisSoftMax(args.reachesTo);
}

const stat = (args: PanelArgs, runbooks: string): StatBuilder =>
  common(new StatBuilder(), args, 4, runbooks)
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

const heatmap = (args: PanelArgs, runbooks: string): HeatmapBuilder =>
  common(new HeatmapBuilder(), args, 9, runbooks)
    .targets(
      args.queries.map((query, index) => dataQuery(query, index).range().format(PromQueryFormat.Heatmap)),
    )
    .calculate(false)
    // The unit is the axis's; a cell holds a count.
    .unit("short")
    .cellValues(new CellValuesBuilder().unit("short").decimals(0))
    .yAxis(new YAxisConfigBuilder().unit(args.unit).min(0))
    .color(
      new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Blues").exponent(0.5).steps(64),
    )
    .showValue(VisibilityMode.Never);
