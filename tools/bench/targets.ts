import type { ScaleReport } from "./report";

/** What one builder is to hold to. */
export interface Target {
  /** In the words of its table. */
  what: string;
  functions: number;
  unit: "MB" | "%" | "s" | "times";
  most: number;
  /** The figure, from medians; undefined where the report has no such size. */
  read: (report: ScaleReport) => { value: number; spread: string } | undefined;
}

type FigureName = keyof ScaleReport["sizes"][number]["figures"];

const of = (report: ScaleReport, functions: number, name: FigureName) =>
  report.sizes.find((size) => size.functions === functions)?.figures[name];

const MB_PER_MIB = 1.048576;

function target(
  what: string,
  functions: number,
  unit: Target["unit"],
  most: number,
  name: FigureName,
): Target {
  const scale = unit === "MB" ? MB_PER_MIB : 1;
  return {
    what,
    functions,
    unit,
    most,
    read: (report) => {
      const figure = of(report, functions, name);
      return (
        figure && { value: figure.median * scale, spread: range(figure.least * scale, figure.most * scale) }
      );
    },
  };
}

const range = (least: number, most: number): string => `${shown(least)} to ${shown(most)}`;

/** Three digits are what the spread leaves certain. */
export const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export const TARGETS: readonly Target[] = [
  target("resident memory, start-up included", 1_000, "MB", 256, "peakMiB"),
  target("CPU of a core while idle", 1_000, "%", 5, "idleCpuPercent"),
  target("100 events accepted", 1_000, "s", 2, "eventsSeconds"),
  target("resident memory, start-up included", 10_000, "MB", 512, "peakMiB"),
  {
    what: "CPU while idle, against that of 1,000",
    functions: 10_000,
    unit: "times",
    most: 1.5,
    read: (report) => {
      const [few, many] = [of(report, 1_000, "idleCpuPercent"), of(report, 10_000, "idleCpuPercent")];
      return few && many
        ? { value: many.median / few.median, spread: range(many.least / few.most, many.most / few.least) }
        : undefined;
    },
  },
  target("start until /readyz answers 200", 10_000, "s", 30, "startSeconds"),
  target("100 events accepted", 10_000, "s", 2, "eventsSeconds"),
];

/** Targets that a report misses, or says nothing of. */
export const missed = (report: ScaleReport): string[] =>
  TARGETS.flatMap(({ what, functions, unit, most, read }) => {
    const figure = read(report);
    if (figure !== undefined && figure.value <= most) return [];
    return [
      `${functions} functions: ${what}: ${figure === undefined ? "not measured" : shown(figure.value)}, at most ${most} ${unit}`,
    ];
  });
