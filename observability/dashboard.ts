import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PRODUCT } from "../contract/labels";
import { DASHBOARD_UID } from "../contract/names";
import type { DashboardArgs } from "./dashboardArgs";
import { grafanaPanel } from "./grafanaPanel";
import { rows } from "./rows";
import { variables } from "./variables";

/* eslint-disable @typescript-eslint/no-deprecated -- The classic model is what Grafana's file provisioning reads in every version from 10 on; its successor needs 12. */
/** SRE-002's performance dashboard, as the JSON that Grafana reads. */
export function buildDashboard(args: DashboardArgs): Dashboard {
  const dashboard = new DashboardBuilder("Knative Lambda: build and cold start performance")
    .uid(DASHBOARD_UID)
    .description(
      "Builds, cold starts, cache, resources and image sizes against SRE-002's targets. Lines on graphs are targets and limits; each panel says what good looks like.",
    )
    .tags([PRODUCT])
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables());
  rows(args).forEach(({ title, panels }, index) => {
    dashboard.withRow(new RowBuilder(title).id(1001 + index));
    for (const panel of panels) dashboard.withPanel(grafanaPanel(panel, args.runbooks ?? ""));
  });
  return dashboard.build();
}
