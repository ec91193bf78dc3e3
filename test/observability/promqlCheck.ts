import { parser } from "@prometheus-io/lezer-promql";
import { CLUSTER_METRICS, type ClusterMetric } from "../../contract/clusterMetrics";
import { METRICS, type Metric } from "../../contract/metrics";
import { recordingRules } from "../../observability/recordingRules";

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

export interface Series {
  type: "counter" | "gauge";
  /** Each label with its values, or undefined where they are not ours to list. */
  labels: Map<string, readonly string[] | undefined>;
}

const valuesOf = (labels: object) =>
  new Map(
    Object.entries(labels).map(([label, domain]: [string, unknown]) => [
      label,
      Array.isArray(domain) ? (domain as string[]) : undefined,
    ]),
  );
/** Every series that a query may select: those of the contract, of the cluster's own parts, and what rules record. */
export function seriesOf(
  metrics: Readonly<Record<string, Pick<Metric, "type" | "labels"> | ClusterMetric>>,
  recorded: readonly string[],
): Map<string, Series> {
  const all = new Map<string, Series>();
  for (const [name, metric] of Object.entries(metrics)) {
    const labels = valuesOf(metric.labels);
    if (metric.type === "histogram") {
      all.set(`${name}_bucket`, { type: "counter", labels: new Map([...labels, ["le", undefined]]) });
      all.set(`${name}_count`, { type: "counter", labels });
      all.set(`${name}_sum`, { type: "counter", labels });
    } else all.set(name, { type: metric.type, labels });
  }
  for (const name of recorded) all.set(name, { type: "gauge", labels: new Map() });
  return all;
}

const RECORDED = recordingRules().flatMap(({ rules }) =>
  rules.flatMap((rule) => ("record" in rule ? [rule.record] : [])),
);
const SERIES = seriesOf({ ...METRICS, ...CLUSTER_METRICS }, RECORDED);

const OF_COUNTERS = ["rate", "irate", "increase"];

/**
 * What is wrong with a query, judged by Prometheus's own grammar and the metrics that there are. Empty where nothing is.
 * @param series The metrics that there are
 */
export function problemsOf(query: string, series: ReadonlyMap<string, Series> = SERIES): string[] {
  // Only durations: in a string a variable is text like any other.
  const text = query.replaceAll("$window", "5m").replaceAll("$__range", "6h");
  const of = (node: SyntaxNode) => text.slice(node.from, node.to);
  const problems: string[] = [];
  const tree = parser.parse(text);
  tree.iterate({
    enter: ({ node, type }) => {
      if (type.isError) problems.push(`does not parse at ${node.from}: ${text.slice(node.from)}`);
      if (type.name === "VectorSelector") problems.push(...inSelector(node, of, series));
      if (type.name === "AggregateExpr") problems.push(...inAggregation(node, of, series));
      if (type.name === "FunctionCall") problems.push(...inCall(node, of, series));
    },
  });
  return problems;
}

type TextOf = (node: SyntaxNode) => string;
type Known = ReadonlyMap<string, Series>;

function descendants(node: SyntaxNode, name: string): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  node.cursor().iterate(({ node: inner }) => {
    if (inner.name === name) found.push(inner);
  });
  return found;
}

function seriesIn(node: SyntaxNode, of: TextOf, known: Known): (Series & { name: string })[] {
  return descendants(node, "VectorSelector").flatMap((selector) => {
    const identifier = selector.getChild("Identifier");
    const series = identifier && known.get(of(identifier));
    return identifier && series ? [{ name: of(identifier), ...series }] : [];
  });
}

function inSelector(node: SyntaxNode, of: TextOf, known: Known): string[] {
  const identifier = node.getChild("Identifier");
  if (!identifier) return [`a selector names no metric: ${of(node)}`];
  const name = of(identifier);
  const series = known.get(name);
  if (!series) return [`${name} is no metric of the contract`];
  return descendants(node, "UnquotedLabelMatcher").flatMap((matcher) => {
    const label = of(matcher.getChild("LabelName") ?? matcher);
    const operator = of(matcher.getChild("MatchOp") ?? matcher);
    const value = JSON.parse(of(matcher.getChild("StringLiteral") ?? matcher)) as string;
    // Prometheus adds it to every series that it sends on.
    if (label === "environment") return [];
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

function inAggregation(node: SyntaxNode, of: TextOf, known: Known): string[] {
  const labels = new Set(seriesIn(node, of, known).flatMap(({ labels: own }) => [...own.keys()]));
  return groupingOf(node, of)
    .filter((label) => label !== "environment" && !labels.has(label))
    .map((label) => `groups by ${label}, which nothing in ${of(node)} has`);
}

function inCall(node: SyntaxNode, of: TextOf, known: Known): string[] {
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
    return seriesIn(node, of, known)
      .filter((series) => series.type !== type)
      .map((series) => `${name} of ${series.name}, which is no ${type}`);
  }
  return [];
}

const COMPARISONS = ["Gtr", "Gte", "Lss", "Lte", "EqlC", "Neq"];

/** How many comparisons a query makes. */
export function comparisons(query: string): number {
  let count = 0;
  parser.parse(query).iterate({
    enter: ({ type, node }) => {
      if (COMPARISONS.includes(type.name) && node.parent?.name === "BinaryExpr") count += 1;
    },
  });
  return count;
}

/** Names of the metrics that a query selects. */
export function metricsIn(query: string): string[] {
  const text = query.replaceAll("$window", "5m").replaceAll("$__range", "6h");
  const names: string[] = [];
  parser.parse(text).iterate({
    enter: ({ node, type }) => {
      const identifier = type.name === "VectorSelector" ? node.getChild("Identifier") : null;
      if (identifier) names.push(text.slice(identifier.from, identifier.to));
    },
  });
  return names;
}
