import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatted } from "../formatted";
import { withMarked } from "../marked";
import { type Spread, spreadOf } from "../bench/spread";
import { type FaultRow, type FaultsReport, faultsReport } from "./report";

const DOCS = join(__dirname, "..", "..", "docs");
export const PAGE = join(DOCS, "reliability.md");
/** Runs of the suite as CI has it, and of the long mode. */
export const REPORTS = { faults: "faults.json", "faults-long": "faults-long.json" } as const;

type Name = keyof typeof REPORTS;

const start = (name: Name): string =>
  `<!-- ${name}: written by \`npm run docs\` from reports/${REPORTS[name]} -->`;
const end = (name: Name): string => `<!-- ${name}: end -->`;

/** @throws ZodError where the file is no report */
export const readReport = (name: Name): FaultsReport => {
  const file = join(DOCS, "reports", REPORTS[name]);
  return existsSync(file) ? faultsReport.parse(JSON.parse(readFileSync(file, "utf8"))) : { runs: [] };
};

/** The page with its tables as the reports have them. */
export function pageWithTables(page: string, read: (name: Name) => FaultsReport = readReport): string {
  return (Object.keys(REPORTS) as Name[]).reduce(
    (text, name) => withMarked(text, start(name), end(name), tables(read(name))),
    page,
  );
}

function tables({ runs }: FaultsReport): string {
  const [last] = runs.slice(-1);
  if (last === undefined) return "No run is on record.";
  const rows = new Map<string, FaultRow[]>();
  for (const row of runs.flatMap(({ faults }) => faults))
    rows.set(row.fault, [...(rows.get(row.fault) ?? []), row]);
  const figures = new Map<string, number[]>();
  for (const [name, value] of runs.flatMap((run) => Object.entries(run.figures)))
    figures.set(name, [...(figures.get(name) ?? []), value]);
  const loads = spreadOf(runs.map(({ load }) => load));
  return [
    "| Fault | Functions (changed meanwhile) | Runs | Ready as it ended | Until all were Ready, from its end |",
    "| --- | --: | --: | --: | --: |",
    ...[...rows].map(([fault, all]) => {
      const of = (name: "readyAtEnd" | "recoverySeconds"): string => {
        const noted = all.flatMap((row) => row[name] ?? []);
        return noted.length === 0 ? "not noted" : shown(spreadOf(noted));
      };
      return `| ${fault} | ${all[0]?.functions ?? 0} (${all[0]?.changed ?? 0}) | ${all.length} | ${of("readyAtEnd")} | ${of("recoverySeconds")} s |`;
    }),
    "",
    ...(figures.size === 0
      ? []
      : [
          "| Figure | Runs | Measured |",
          "| --- | --: | --: |",
          ...[...figures].map(
            ([name, values]) => `| ${name} | ${values.length} | ${shown(spreadOf(values))} |`,
          ),
          "",
        ]),
    `Median, and least to most where there was more than one run; the last on ${last.date.slice(0, 10)}, of commit ${last.commit.slice(0, 10)}: ${last.machine.cpu}, ${last.machine.cores} cores, ${last.machine.memoryGiB} GiB, which held the whole cluster, the three builders and what plays Kaniko; load ${shown(loads)}.`,
  ].join("\n");
}

const shown = ({ median, least, most }: Spread): string =>
  least === most ? `${median}` : `${median} (${least} to ${most})`;

async function main(): Promise<void> {
  const text = pageWithTables(readFileSync(PAGE, "utf8"));
  writeFileSync(PAGE, await formatted(PAGE, text));
}

if (require.main === module)
  main().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  });
