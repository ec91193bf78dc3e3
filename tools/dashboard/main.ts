import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildDashboard } from "../../observability/dashboard";
import { dashboardArgs } from "../../observability/dashboardArgs";
import { rows } from "../../observability/rows";
import { SettingsError } from "../../settings";
import { durationSeconds } from "../../settings/scalars/duration";
import { UsageError } from "../../preview/usageError";
import { stackSettings } from "../stackSettings";
import { ask } from "./ask";
import { page, pageData } from "./page";
import type { Sample } from "./sample";

const PROJECT_FOLDER = join(__dirname, "..", "..");
/** What the page shows where no Prometheus is named. */
export const RECORDED = join(PROJECT_FOLDER, "docs", "dashboard-sample.json");

const USAGE = `npm run dashboard -- [--stack prod] …
  --json                  the dashboard as Grafana imports it, to standard output; into a pipe with npm run --silent
  --html FILE             a page that shows every panel, to look at in a browser
  --record FILE           what a Prometheus answers, to draw from later
Where the data is from:
  --prometheus URL        a Prometheus, or what speaks its API
  --sample FILE           what --record wrote  (default: docs/dashboard-sample.json)
  --range 6h --window 5m  the time shown, and over which rates are taken`;

/** Writes the dashboard: for Grafana, or as a page for whoever has none. */
export async function main(args: readonly string[], print: (text: string) => void): Promise<void> {
  const { json, html, record, prometheus, sample: file, stack, range, window } = asked(args);
  const drawn = dashboardArgs(stackSettings(PROJECT_FOLDER, stack));
  if (json) {
    print(JSON.stringify(buildDashboard(drawn), undefined, 2));
    return;
  }
  const seconds = durationSeconds(range);
  if (seconds === undefined) throw new UsageError(`--range ${range} is no length of time; write it as in 6h`);
  if (durationSeconds(window) === undefined)
    throw new UsageError(`--window ${window} is no length of time; write it as in 5m`);
  const to = Math.floor(Date.now() / 1000);
  const sample =
    prometheus === undefined
      ? recorded(file)
      : await ask(rows(drawn), { prometheus, from: to - seconds, to, window });
  if (record !== undefined) writeFileSync(record, `${JSON.stringify(sample)}\n`);
  if (html !== undefined) writeFileSync(html, await page(pageData(drawn, stack, sample)));
  for (const name of [record, html]) if (name !== undefined) print(name);
}

/** What `--record` once wrote. */
function recorded(file: string): Sample {
  try {
    const sample = JSON.parse(readFileSync(file, "utf8")) as Sample | null;
    if (typeof sample?.panels === "object") return sample;
  } catch (error) {
    throw new UsageError(`--sample ${file} can't be read: ${(error as Error).message}`);
  }
  throw new UsageError(`--sample ${file} is none that --record wrote`);
}

function asked(args: readonly string[]) {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        html: { type: "string" },
        record: { type: "string" },
        prometheus: { type: "string" },
        sample: { type: "string", default: RECORDED },
        stack: { type: "string", default: "prod" },
        range: { type: "string", default: "6h" },
        window: { type: "string", default: "5m" },
      },
    }));
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${USAGE}`);
  }
  if (!values.json && values.html === undefined && values.record === undefined) throw new UsageError(USAGE);
  if (values.record !== undefined && values.prometheus === undefined)
    throw new UsageError("--record needs --prometheus URL");
  return values;
}

if (require.main === module)
  main(process.argv.slice(2), (text) => {
    console.log(text);
  }).catch((error: unknown) => {
    // Meant for the user: no stack trace.
    console.error(
      error instanceof UsageError || error instanceof SettingsError ? error.message : String(error),
    );
    process.exitCode = 1;
  });
