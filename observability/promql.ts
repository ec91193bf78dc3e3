import type { CLUSTER_METRICS, ClusterMetricName } from "../contract/clusterMetrics";
import type { METRICS, MetricName } from "../contract/metrics";

/**
 * PromQL, as far as dashboard and rules need it, over the metrics of contract/ alone: another name, label or value of a bounded
 * label does not compile, nor does a rate of a gauge or a quantile that is not summed `by (le)`.
 */

/** Every metric that a query may name. */
type Known = typeof METRICS & typeof CLUSTER_METRICS;
type Name = MetricName | ClusterMetricName;

type LabelsOf<N extends Name> = Extract<keyof Known[N]["labels"], string>;
type ValueOf<N extends Name, L extends LabelsOf<N>> = Known[N]["labels"][L] extends readonly (infer V)[]
  ? V
  : string;
type OfType<Type> = { [N in Name]: Known[N]["type"] extends Type ? N : never }[Name];

/** What a label must be: a value, one of several, anything but one, or a text that matches a whole regular expression. */
type Matcher<V> = V | readonly V[] | { not: V } | { matches: string };
/** Of every series of an environment, where several are kept in one place: the label that Prometheus adds as it sends them there. */
interface OfEnvironment {
  readonly environment?: Matcher<string>;
}
export type Where<N extends Name> = { readonly [L in LabelsOf<N>]?: Matcher<ValueOf<N, L>> } & OfEnvironment;

declare const LABELS: unique symbol;
declare const TYPE: unique symbol;
/** An expression whose series carry the labels `L`. */
export type Vector<L extends string> = string & { readonly [LABELS]?: L };
/** A selector of series, of which a range can be taken. */
export type Selector<L extends string, Type extends "counter" | "gauge"> = Vector<L> & {
  readonly [TYPE]: Type;
};

/** A length of time in PromQL, or one that Grafana fills in. */
export type Window = `${number}${"s" | "m" | "h" | "d"}` | "$window" | "$__range";

function select(series: string, where: object | undefined): string {
  const matchers = Object.entries(where ?? {}).map(([label, matcher]: [string, Matcher<string>]) => {
    if (typeof matcher === "string") return `${label}=${JSON.stringify(matcher)}`;
    if ("not" in matcher) return `${label}!=${JSON.stringify(matcher.not)}`;
    const pattern = "matches" in matcher ? matcher.matches : matcher.join("|");
    return `${label}=~${JSON.stringify(pattern)}`;
  });
  return matchers.length === 0 ? series : `${series}{${matchers.join(",")}}`;
}

export const counter = <N extends OfType<"counter">>(name: N, where?: Where<N>) =>
  select(name, where) as Selector<LabelsOf<N>, "counter">;

export const gauge = <N extends OfType<"gauge">>(name: N, where?: Where<N>) =>
  select(name, where) as Selector<LabelsOf<N>, "gauge">;

/** How often a histogram was observed. */
export const observations = <N extends OfType<"histogram">>(name: N, where?: Where<N>) =>
  select(`${name}_count`, where) as Selector<LabelsOf<N>, "counter">;

/** The buckets of a histogram. */
export const buckets = <N extends OfType<"histogram">>(name: N, where?: Where<N>) =>
  select(`${name}_bucket`, where) as Selector<LabelsOf<N> | "le", "counter">;

const overTime =
  <Type extends "counter" | "gauge">(operation: string) =>
  <L extends string>(selector: Selector<L, Type>, window: Window): Vector<L> =>
    `${operation}(${selector}[${window}])`;

/** Increase in a second, over a window. */
export const rate = overTime<"counter">("rate");
/** Increase in a second, between the window's last two samples. */
export const irate = overTime<"counter">("irate");
export const increase = overTime<"counter">("increase");
export const maxOverTime = overTime<"gauge">("max_over_time");

/**
 * What of a histogram's observations was at most `bound`, which is one of its buckets. Prometheus 2 keeps the bound as it was exposed (`60`),
 * Prometheus 3 as a decimal (`60.0`).
 */
export const observedUpTo = <N extends OfType<"histogram">>(
  name: N,
  bound: number,
  where?: Where<N>,
): Selector<LabelsOf<N> | "le", "counter"> =>
  select(`${name}_bucket`, { ...where, le: { matches: `${bound}(\\.0)?` } }) as Selector<
    LabelsOf<N> | "le",
    "counter"
  >;

const aggregate =
  (operation: string) =>
  <L extends string, By extends L = never>(vector: Vector<L>, ...by: readonly By[]): Vector<By> =>
    by.length === 0 ? `${operation}(${vector})` : `${operation} by (${by.join(", ")}) (${vector})`;

export const sum = aggregate("sum");
export const min = aggregate("min");
export const max = aggregate("max");
export const avg = aggregate("avg");

/** A quantile over series, such as the pods that run at one moment. */
export const quantileOfSeries = (quantile: number, vector: Vector<string>): Vector<never> =>
  `quantile(${quantile}, ${vector})`;

export const top = <L extends string>(count: number, vector: Vector<L>): Vector<L> =>
  `topk(${count}, ${vector})`;

/**
 * A quantile of what a histogram observed in a window, over all replicas and label values. Summing `by (le)` is what makes it one
 * figure: without it each replica and label set has a quantile of its own, and quantiles can't be averaged.
 */
export const histogramQuantile = <N extends OfType<"histogram">>(
  quantile: number,
  name: N,
  window: Window,
  where?: Where<N>,
): Vector<never> => `histogram_quantile(${quantile}, ${sum(rate(buckets(name, where), window), "le")})`;

/** The same, a figure for each value of some labels. */
export const histogramQuantileBy = <N extends OfType<"histogram">, By extends LabelsOf<N>>(
  quantile: number,
  name: N,
  window: Window,
  where: Where<N>,
  ...by: readonly By[]
): Vector<By> =>
  `histogram_quantile(${quantile}, ${sum<LabelsOf<N> | "le", By | "le">(rate(buckets(name, where), window), "le", ...by)})`;

/** Matched by the labels that both sides have. */
export const ratio = <L extends string>(part: Vector<L>, whole: Vector<L>): Vector<L> => `${part} / ${whole}`;

/** What is left of a whole: `1 - share`, never below 0, where rounding would take it. */
export const rest = (share: Vector<never>): Vector<never> => `clamp_min(1 - (${share}), 0)`;

/** The rest of the budget after a share of it was used: `1 - share / budget`. Below 0 where more was used than there was. */
export const budgetLeft = (share: Vector<never>, budget: number): Vector<never> =>
  `1 - (${share}) / ${budget}`;

export const times = <L extends string>(vector: Vector<L>, factor: number): Vector<L> =>
  `${vector} * ${factor}`;

/** How long it is until a point in time, in seconds. */
export const until = <L extends string>(timestamp: Vector<L>): Vector<L> => `${timestamp} - time()`;

type Comparison = ">" | "<" | ">=" | "==";
/** The series whose value compares so, each with its value. */
export const compare = <L extends string>(
  vector: Vector<L>,
  comparison: Comparison,
  value: number,
): Vector<L> => `${vector} ${comparison} ${value}`;

/** The left side where the right side has something too, whatever its labels. */
export const and = <L extends string>(left: Vector<L>, right: Vector<string>): Vector<L> =>
  `(${left}) and on () (${right})`;
/** The left side where the right side has nothing. */
export const unless = <L extends string>(left: Vector<L>, right: Vector<string>): Vector<L> =>
  `(${left}) unless on () (${right})`;
/** The left side, and of the right side what the left has not. */
export const or = <L extends string>(left: Vector<L>, right: Vector<L>): Vector<L> =>
  `(${left}) or (${right})`;

/** The query by which a variable lists the values of a label. */
export const labelValues = <N extends OfType<"counter" | "gauge">>(
  name: N,
  label: LabelsOf<N> | keyof OfEnvironment,
  where?: Where<N>,
) => `label_values(${select(name, where)}, ${label})`;
