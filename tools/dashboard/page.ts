import { join } from "node:path";
import { build } from "esbuild";
import type { DashboardArgs } from "../../observability/dashboardArgs";
import { described } from "../../observability/panels";
import { rows } from "../../observability/rows";
import { runbookAddress } from "../../observability/runbooks";
import type { PageData, Sample } from "./sample";

const FOLDER = join(__dirname, "page");

/** What the page shows: the dashboard's own rows and panels, with what a Prometheus answered. */
export function pageData(args: DashboardArgs, stack: string, { panels, ...sample }: Sample): PageData {
  return {
    title: "Knative Lambda: build and cold start performance",
    stack,
    sample,
    rows: rows(args).map((row) => ({
      title: row.title,
      panels: row.panels.map((panel) => ({
        panel,
        description: described(panel),
        runbook: panel.runbook === undefined ? "" : runbookAddress(panel.runbook, args.runbooks ?? ""),
        series: panels[panel.id] ?? [],
      })),
    })),
  };
}

/** The page as one file: data, style, chart library and all. It asks nobody for anything. */
export async function page(data: PageData): Promise<string> {
  const bundled = await build({
    entryPoints: { script: join(FOLDER, "main.ts"), style: join(FOLDER, "style.css") },
    // Named, never written.
    outdir: FOLDER,
    bundle: true,
    write: false,
    minify: true,
    platform: "browser",
    target: "es2022",
    format: "iife",
    tsconfig: join(FOLDER, "tsconfig.json"),
    // The library's licence travels with it.
    legalComments: "inline",
    logLevel: "silent",
  });
  const file = (end: string): string =>
    bundled.outputFiles.find(({ path }) => path.endsWith(end))?.text.replaceAll("</script", "<\\/script") ??
    "";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${data.title}</title>
<style>${file(".css")}</style>
<body></body>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script>${file(".js")}</script>
</html>
`;
}
