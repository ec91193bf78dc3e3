import { parser } from "@prometheus-io/lezer-promql";
import { CLUSTER_METRICS } from "../../contract/clusterMetrics";
import { METRICS, type Metric } from "../../contract/metrics";
import { recordingRules } from "../../observability/recordingRules";

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

interface Series {
  type: "counter" | "gauge";
  /** Each label with its values, or undefined where they are not ours to list. */
  labels: Map<string, readonly string[] | undefined>;
}

/** Every series that a query may select: those of the contract, of the cluster's own parts, and what rules record. */
const SERIES = new Map<string, Series>();

const valuesOf = (labels: object) =>
  new Map(
    Object.entries(labels).map(([label, domain]: [string, unknown]) => [
      label,
      Array.isArray(domain) ? (domain as string[]) : undefined,
    ]),
  );
for (const [name, metric] of Object.entries(METRICS) as [string, Metric][]) {
  const labels = valuesOf(metric.labels);
  if (metric.type === "histogram") {
    SERIES.set(`${name}_bucket`, { type: "counter", labels: new Map([...labels, ["le", undefined]]) });
    SERIES.set(`${name}_count`, { type: "counter", labels });
    SERIES.set(`${name}_sum`, { type: "counter", labels });
  } else SERIES.set(name, { type: metric.type, labels });
}
for (const [name, { type, labels }] of Object.entries(CLUSTER_METRICS))
  SERIES.set(name, { type, labels: valuesOf(labels) });
for (const rule of recordingRules().flatMap(({ rules }) => rules))
  if ("record" in rule) SERIES.set(rule.record, { type: "gauge", labels: new Map() });

const OF_COUNTERS = ["rate", "irate", "increase"];

/** What is wrong with a query, judged by Prometheus's own grammar and the metrics that there are. Empty where nothing is. */
export function problemsOf(query: string): string[] {
  // Only durations: in a string a variable is text like any other.
  const text = query.replaceAll("$window", "5m").replaceAll("$__range", "6h");
  const of = (node: SyntaxNode) => text.slice(node.from, node.to);
  const problems: string[] = [];
  const tree = parser.parse(text);
  tree.iterate({
    enter: ({ node, type }) => {
      if (type.isError) problems.push(`does not parse at ${node.from}: ${text.slice(node.from)}`);
      if (type.name === "VectorSelector") problems.push(...inSelector(node, of));
      if (type.name === "AggregateExpr") problems.push(...inAggregation(node, of));
      if (type.name === "FunctionCall") problems.push(...inCall(node, of));
    },
  });
  return problems;
}

type TextOf = (node: SyntaxNode) => string;

function descendants(node: SyntaxNode, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  node.cursor().iterate(({ node: inner }) => {
    if (inner.name === name) found.push(inner);
  });
  return found;
}

function seriesIn(node: SyntaxNode, of: TextOf): (Series & { name: string })[] {
  return descendants(node, "VectorSelector").flatMap((selector) => {
    const identifier = selector.getChild("Identifier");
    const series = identifier && SERIES.get(of(identifier));
    return identifier && series ? [{ name: of(identifier), ...series }] : [];
  });
}

function inSelector(node: SyntaxNode, of: TextOf): string[] {
  const identifier = node.getChild("Identifier");
  if (!identifier) return [`a selector names no metric: ${of(node)}`];
  const name = of(identifier);
  const series = SERIES.get(name);
  if (!series) return [`${name} is no metric of the contract`];
  return descendants(node, "UnquotedLabelMatcher").flatMap((matcher) => {
    const label = of(matcher.getChild("LabelName") ?? matcher);
    const operator = of(matcher.getChild("MatchOp") ?? matcher);
    const value = JSON.parse(of(matcher.getChild("StringLiteral") ?? matcher)) as string;
    if (!series.labels.has(label)) return [`${name} has no label ${label}`];
    const allowed = series.labels.get(label);
    const values = operator.endsWith("~") ? value.split("|") : [value];
    return allowed === undefined
      ? []
      : values
          .filter((each) => !allowed.includes(each))
          .map((each) => `${label} of ${name} is never ${each}`);
  });
}

const groupingOf = (node: SyntaxNode, of: TextOf) =>
  node
    .getChild("AggregateModifier")
    ?.getChild("GroupingLabels")
    ?.getChildren("LabelName")
    .map((label) => of(label)) ?? [];

function inAggregation(node: SyntaxNode, of: TextOf): string[] {
  const labels = new Set(seriesIn(node, of).flatMap(({ labels: own }) => [...own.keys()]));
  return groupingOf(node, of)
    .filter((label) => !labels.has(label))
    .map((label) => `groups by ${label}, which nothing in ${of(node)} has`);
}

function inCall(node: SyntaxNode, of: TextOf): string[] {
  const name = of(node.getChild("FunctionIdentifier") ?? node);
  // vector(…) and absent(…) make values out of missing data.
  if (name === "vector" || name.startsWith("absent")) return [`${name}() makes a value where there is none`];
  if (name === "histogram_quantile") {
    const argument = node.getChild("FunctionCallBody")?.getChild("AggregateExpr");
    const operation = argument?.getChild("AggregateOp");
    const summed =
      argument && operation && of(operation) === "sum" && groupingOf(argument, of).includes("le");
    return summed ? [] : [`a quantile is not taken of a sum by (le): ${of(node)}`];
  }
  if (OF_COUNTERS.includes(name) || name.endsWith("_over_time")) {
    const type = OF_COUNTERS.includes(name) ? "counter" : "gauge";
    return seriesIn(node, of)
      .filter((series) => series.type !== type)
      .map((series) => `${name} of ${series.name}, which is no ${type}`);
  }
  return [];
}
