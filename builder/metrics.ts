import {
  Counter,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValue,
  Registry,
} from "prom-client";
import {
  EACH_FUNCTION,
  EACH_NAMESPACE,
  type LabelDomain,
  type Metric,
  type MetricName,
  type MetricOfType,
  METRICS,
} from "../contract/metrics";

type ValueIn<Domain> = Domain extends readonly (infer Value extends string)[] ? Value : string;
type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof (typeof METRICS)[Name]["labels"]]: ValueIn<
    (typeof METRICS)[Name]["labels"][Label]
  >;
};

/** One sample of a gauge that is read when it is asked for. */
export interface Sample<Name extends MetricName> {
  labels: LabelsOf<Name>;
  value: number;
}

/** The metrics of the contract, and no other: names, labels and buckets come from there. */
export class Metrics {
  readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly histograms = new Map<string, Histogram>();
  private readonly gauges = new Map<string, () => readonly Sample<MetricName>[]>();
  private readonly namespaces = new Set<string>();

  constructor() {
    for (const [name, metric] of Object.entries<Metric>(METRICS)) {
      const config = {
        name,
        help: metric.help,
        labelNames: Object.keys(metric.labels),
        registers: [this.registry],
      };
      if (metric.type === "counter") this.counters.set(name, new Counter(config));
      else if (metric.type === "histogram")
        this.histograms.set(name, new Histogram({ ...config, buckets: [...metric.buckets] }));
      else this.registry.registerMetric(new ReadGauge(config, () => this.gauges.get(name)?.() ?? []));
    }
    // What grows by no namespace is there from the start.
    for (const [name, { labels }] of Object.entries<Metric>(METRICS))
      if (!Object.values(labels).includes(EACH_NAMESPACE)) this.showAtZero(name, combinations(labels));
  }

  /** All of them, as Prometheus reads them. */
  async text(): Promise<string> {
    const texts = this.registry
      .getMetricsAsArray()
      .map(async (metric) =>
        metric instanceof ReadGauge ? metric.text() : this.registry.getSingleMetricAsString(metric.name),
      );
    return `${(await Promise.all(texts)).join("\n\n")}\n`;
  }

  count<Name extends MetricOfType<"counter">>(name: Name, labels: LabelsOf<Name>, amount = 1): void {
    known(this.counters, name).inc(labels as Readonly<Record<string, string>>, amount);
  }

  observe<Name extends MetricOfType<"histogram">>(name: Name, labels: LabelsOf<Name>, value: number): void {
    known(this.histograms, name).observe(labels as Readonly<Record<string, string>>, value);
  }

  /** Where a gauge's samples come from, each time it is asked for. */
  gauge<Name extends MetricOfType<"gauge">>(name: Name, samples: () => readonly Sample<Name>[]): void {
    if (!(name in METRICS)) throw new Error(`${name} is no metric of the contract`);
    this.gauges.set(name, samples);
  }

  /** Shows a namespace's series at 0, so that the first build in it is a rise and no beginning. */
  expect(namespace: string): void {
    if (this.namespaces.has(namespace)) return;
    this.namespaces.add(namespace);
    for (const [name, { labels }] of Object.entries<Metric>(METRICS))
      if (Object.values(labels).includes(EACH_NAMESPACE))
        this.showAtZero(name, combinations(labels, namespace));
  }

  private showAtZero(name: string, sets: readonly Record<string, string>[]): void {
    for (const set of sets) {
      this.counters.get(name)?.inc(set, 0);
      this.histograms.get(name)?.zero(set);
    }
  }
}

/**
 * A gauge that keeps nothing but the text of its samples, for as long as they are the same objects. prom-client's own is filled anew at each
 * scrape: for thousands of functions that costs more than all else that a builder does while nobody asks anything of it.
 */
class ReadGauge extends Gauge {
  private readonly lines = new WeakMap<Sample<MetricName>, string>();

  constructor(
    private readonly about: Pick<GaugeConfiguration<string>, "name" | "help">,
    private readonly read: () => readonly Sample<MetricName>[],
  ) {
    super({ ...about, registers: [] });
  }

  override get(): Promise<MetricObjectWithValues<MetricValue<string>>> {
    const values = this.read().map(({ labels, value }) => ({ labels, value }));
    // `gauge`, as MetricType has it in the types and not at run time.
    const type = "gauge" as unknown as MetricType;
    return Promise.resolve({ ...this.about, type, aggregator: "sum", values, collect: () => undefined });
  }

  /** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
  text(): string {
    const { name, help } = this.about;
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...this.read().map((sample) => this.line(sample)),
    ].join("\n");
  }

  private line(sample: Sample<MetricName>): string {
    let line = this.lines.get(sample);
    if (line === undefined) {
      const labels = Object.entries<string>(sample.labels).map(
        ([label, value]) => `${label}="${escaped(value)}"`,
      );
      line = `${this.about.name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${numeral(sample.value)}`;
      this.lines.set(sample, line);
    }
    return line;
  }
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');

const numeral = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";

/** @throws Error where the contract has no such metric: the compiler says so first */
function known<T>(metrics: ReadonlyMap<string, T>, name: string): T {
  const metric = metrics.get(name);
  if (metric === undefined) throw new Error(`${name} is no metric of the contract`);
  return metric;
}

/** All label sets of a metric in a namespace; none where it has a series for each function. */
function combinations(
  labels: Readonly<Record<string, LabelDomain>>,
  namespace = "",
): Record<string, string>[] {
  let sets: Record<string, string>[] = [{}];
  for (const [label, domain] of Object.entries(labels)) {
    if (domain === EACH_FUNCTION) return [];
    const values = domain === EACH_NAMESPACE ? [namespace] : domain;
    sets = sets.flatMap((set) => [...values].map((value) => ({ ...set, [label]: value })));
  }
  return sets;
}
