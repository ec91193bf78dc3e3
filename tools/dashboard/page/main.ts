import { HeatmapChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendScrollComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { DrawnRow, PageData, Series } from "../sample";
import { format } from "./format";
import { chartOptions, type Colors } from "./options";

use([
  HeatmapChart,
  LineChart,
  GridComponent,
  LegendScrollComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  SVGRenderer,
]);

type Drawn = DrawnRow["panels"][number];

const data = JSON.parse(document.getElementById("data")?.textContent ?? "") as PageData;
const { from, to, source, window: rateWindow } = data.sample;
const charts: { chart: EChartsType; drawn: Drawn }[] = [];

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const style = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const colors = (): Colors => ({
  text: style("text"),
  quiet: style("quiet"),
  line: style("line"),
  card: style("card"),
  good: style("good"),
  warn: style("warn"),
  bad: style("bad"),
});

/** What is said below a panel: what it shows, its queries, and what to do. */
function explained({ panel, description, runbook }: Drawn): HTMLElement {
  const link = runbook.startsWith("http") ? element("a", { href: runbook }, runbook) : runbook;
  return element(
    "details",
    {},
    element("summary", {}, "What good looks like"),
    element("pre", {}, description),
    element("pre", {}, panel.queries.map(({ legend, expr }) => `${legend}: ${expr}`).join("\n")),
    ...(runbook === "" ? [] : [element("div", {}, "Runbook: ", link)]),
  );
}

const lastOf = (series: readonly Series[]): number | undefined =>
  series.flatMap(({ points }) => points.map(([, value]) => value)).findLast((value) => value !== null) ??
  undefined;

function value({ panel, series }: Drawn): HTMLElement {
  const last = lastOf(series);
  if (last === undefined) return element("div", { className: "value none" }, "none yet");
  const met = (panel.thresholds ?? []).findLast(
    (threshold) => threshold.value === null || last >= threshold.value,
  );
  const tone = met === undefined ? "" : met.color === "green" ? "good" : met.color === "red" ? "bad" : "warn";
  return element("div", { className: `value ${tone}` }, format(last, panel.unit));
}

function drawn(one: Drawn): HTMLElement {
  const { panel, series } = one;
  const card = element("article", { id: `panel-${panel.id}` }, element("h3", {}, panel.title));
  card.style.gridColumn = `span ${panel.width}`;
  card.dataset["state"] = lastOf(series) === undefined ? "empty" : "data";
  if (panel.kind === "stat") card.append(value(one));
  else if (lastOf(series) === undefined)
    card.append(element("div", { className: "chart none" }, "No data in the time shown."));
  else {
    const place = element("div", { className: "chart" });
    card.append(place);
    charts.push({ chart: init(place, undefined, { renderer: "svg", width: 400, height: 250 }), drawn: one });
  }
  card.append(explained(one));
  return card;
}

/** Draws every chart anew, in the theme's colours and as wide as its card. */
function draw(): void {
  const now = colors();
  for (const { chart, drawn: one } of charts) {
    chart.resize({ width: chart.getDom().clientWidth, height: 250 });
    chart.setOption(chartOptions(one.panel, one.series, now, [from, to]), { notMerge: true });
  }
  document.body.dataset["drawn"] = "true";
}

const dark = matchMedia("(prefers-color-scheme: dark)");
function show(theme: string): void {
  document.documentElement.dataset["theme"] = theme;
  draw();
}

const time = (at: number): string => new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ");
document.body.append(
  element(
    "header",
    {},
    element("h1", {}, data.title),
    element(
      "p",
      {},
      `Stack ${data.stack}, ${time(from)} to ${time(to)} UTC, rates over ${rateWindow}. ${source}.`,
    ),
    element("button", {
      textContent: "Light or dark",
      onclick: () => {
        show(document.documentElement.dataset["theme"] === "dark" ? "light" : "dark");
      },
    }),
  ),
  ...data.rows.map(({ title, panels }) =>
    element(
      "section",
      {},
      element("h2", {}, title),
      element("div", { className: "row" }, ...panels.map(drawn)),
    ),
  ),
);
show(dark.matches ? "dark" : "light");
dark.addEventListener("change", ({ matches }) => {
  show(matches ? "dark" : "light");
});
addEventListener("resize", draw);
