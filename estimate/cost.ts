import type { Settings } from "../settings/schema";
import { computeLines } from "./computeCost";
import { serviceLines } from "./serviceCost";
import { EC2_PRICES_OF, OTHER_PRICES_OF, PRICES_REGION } from "./prices";

/** One line of the monthly estimate. */
export interface CostLine {
  id: string;
  label: string;
  /** US dollars a month, to the cent. */
  usd: number;
  /** What it is made of, in words and figures. */
  assumption: string;
}

export interface MonthlyCost {
  lines: CostLine[];
  /** Sum of the lines. */
  total: number;
  /** Days and region of the prices. */
  prices: { region: string; ec2: string; others: string };
  /** What the estimate leaves out, and where it may be off. */
  notes: string[];
}

const cents = (usd: number): number => Math.round(usd * 100) / 100;

/** What a stack costs a month under `budget.assumptions`. The Budget component's alarm compares the bill with this same sum. */
export function monthlyCost(settings: Settings): MonthlyCost {
  const prices = { region: PRICES_REGION, ec2: EC2_PRICES_OF, others: OTHER_PRICES_OF };
  if (settings.target === "cluster") {
    return {
      lines: [],
      total: 0,
      prices,
      notes: ["Not estimated: cluster, registry and store exist, and are on somebody else's bill."],
    };
  }
  const lines = [...computeLines(settings), ...serviceLines(settings)].map((line) => ({
    ...line,
    usd: cents(line.usd),
  }));
  return {
    lines,
    total: cents(lines.reduce((sum, { usd }) => sum + usd, 0)),
    prices,
    notes: notes(settings),
  };
}

function notes({ region }: Settings): string[] {
  return [
    ...(region === undefined || region === PRICES_REGION
      ? []
      : [`Prices are those of ${PRICES_REGION}; ${region}'s may differ.`]),
    "Left out: traffic to the internet and between zones, load balancer and endpoint traffic, image scanning beyond the basic one, support, tax, discounts.",
  ];
}
