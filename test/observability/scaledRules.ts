import { parser } from "@prometheus-io/lezer-promql";
import type { RuleGroup } from "../../observability/rule";

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A length of time, so many times as short; whole seconds, and one at the least. */
const shorter = (duration: string, factor: number): string =>
  `${Math.max(1, Math.round((Number.parseFloat(duration) * (SECONDS[duration.at(-1) ?? ""] ?? NaN)) / factor))}s`;

/** A query whose windows are so many times as short. Names and numbers stay. */
export function scaledQuery(query: string, factor: number): string {
  let scaled = "";
  let end = 0;
  parser.parse(query).iterate({
    enter: ({ name, from, to }) => {
      if (name !== "NumberDurationLiteralInDurationContext") return;
      scaled += query.slice(end, from) + shorter(query.slice(from, to), factor);
      end = to;
    },
  });
  return scaled + query.slice(end);
}

/** Rules whose windows and `for` are so many times as short. All else is as it is shipped. */
export const scaledRules = (groups: readonly RuleGroup[], factor: number): RuleGroup[] =>
  groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({
      ...rule,
      expr: scaledQuery(rule.expr, factor),
      ...("for" in rule ? { for: shorter(rule.for, factor) } : {}),
    })),
  }));
