import type { DashboardArgs } from "./dashboardArgs";
import type { Row } from "./panels";
import { budgetsRow } from "./rows/budgets";
import { builderRow } from "./rows/builder";
import { buildsRow } from "./rows/builds";
import { costRow } from "./rows/cost";
import { functionsRow } from "./rows/functions";
import { imagesRow } from "./rows/images";
import { outcomesRow } from "./rows/outcomes";
import { queueRow } from "./rows/queue";
import { resourcesRow } from "./rows/resources";
import { speedRow } from "./rows/speed";
import { targetsRow } from "./rows/targets";

/** The dashboard, from top to bottom. */
export const rows = (args: DashboardArgs): Row[] => [
  targetsRow(),
  speedRow(),
  buildsRow(args),
  resourcesRow(args),
  imagesRow(),
  outcomesRow(),
  queueRow(),
  functionsRow(),
  builderRow(args),
  budgetsRow(),
  costRow(),
];
