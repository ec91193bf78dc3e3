import type { Verdict, Verdicts } from "./strict/verdicts";
import { heading, type Style, wrap } from "./text";

const SIGNS = { mandatory: "✗", advisory: "!" } as const;

/** A verdict in lines. */
export const renderVerdict = (
  { policy, level, severity, message }: Verdict,
  gutter: string,
  style: Style,
): string[] =>
  wrap(
    `${policy} (${severity}): ${message.replace(/\s+/g, " ")}`,
    `${gutter}${SIGNS[level]} `,
    `${gutter}  `,
  ).map(style.warning);

/** How many policies were asked and what they said, with each verdict and the resource that it is about. */
export function renderPolicies({ pack, version, policies, verdicts }: Verdicts, style: Style): string[] {
  const count = (level: Verdict["level"]): number => verdicts.filter((found) => found.level === level).length;
  return [
    ...heading("Policies", style),
    ...wrap(
      `${policies} policies of ${pack} ${version}: ${count("mandatory")} mandatory violated, ${count("advisory")} advisory. docs/policies.md describes each.`,
    ),
    ...verdicts.flatMap((verdict) => [
      ...wrap(verdict.urn.split("::")[3] ?? ""),
      ...renderVerdict(verdict, "  ", style),
    ]),
  ];
}
