import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAGE } from "../policy/kit/facts";
import { SEVERITIES } from "../policy/kit/severity";
import { groups } from "../policy/policies";

type Described = (typeof groups)[keyof typeof groups][number];

const TITLES: Record<keyof typeof groups, string> = {
  security: "Security",
  reliability: "Reliability",
  cost: "Cost and performance",
};

const INTRODUCTION = `# Policies

Written by \`npm run docs\` from \`policy/\`; a test holds the two together.

The pack judges what the program would make, before it is made. The engine runs it with \`pulumi preview --policy-pack policy\` and
\`pulumi up --policy-pack policy\`; \`npm start -- --stack prod --strict\` runs the same pack offline. A violation of a mandatory policy
fails the preview, offline with exit code 2.

What a component is made of by its own provider, as EKS's resources below \`eks:index:Cluster\`, only the engine sees; the policies about the cluster read
both forms. Where the program runs without the engine, the component's own inputs are judged.

What a preview can't know yet, as the ARN of a key before there is one, makes a policy an advisory ("can't run … during preview"): neither a
pass nor a failure. It judges once the value is known.

A threshold is changed, and a policy turned off, by a file: \`pulumi preview --policy-pack policy --policy-pack-config thresholds.json\`.

\`\`\`json
{ "log-retention": { "most": 731 }, "ec2-quota": "disabled" }
\`\`\`
`;

/** docs/policies.md as the pack has it. */
export function policiesPage(): string {
  const sections = (Object.keys(groups) as (keyof typeof groups)[]).flatMap((group) => [
    `## ${TITLES[group]}`,
    ...groups[group].map(section),
  ]);
  return `${[INTRODUCTION.trimEnd(), scale(), ...sections].join("\n\n")}\n`;
}

const scale = (): string =>
  [
    "| severity | level | a violation |",
    "| --- | --- | --- |",
    ...Object.entries(SEVERITIES).map(([name, { level, meaning }]) => `| ${name} | ${level} | ${meaning} |`),
  ].join("\n");

function section({ name, severity, description, remediationSteps, blind, configSchema }: Described): string {
  const thresholds = Object.entries(configSchema?.properties ?? {}).map(
    ([key, { description: what, default: value }]) =>
      `- \`${key}\` (default \`${JSON.stringify(value)}\`): ${what ?? ""}`,
  );
  return [
    `### ${name}`,
    `${description} Severity: ${severity}.`,
    `**To mend it:** ${remediationSteps ?? ""}`,
    ...(blind === undefined ? [] : [`**Not seen:** ${blind}`]),
    ...(thresholds.length === 0 ? [] : [thresholds.join("\n")]),
  ].join("\n\n");
}

if (require.main === module) writeFileSync(join(__dirname, "..", PAGE), policiesPage());
