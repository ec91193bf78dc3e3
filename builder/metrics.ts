import { Counter, Gauge, Histogram, Registry } from "prom-client";
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
      else {
        const samples = (): readonly Sample<MetricName>[] => this.gauges.get(name)?.() ?? [];
        new Gauge({
          ...config,
          collect() {
            this.reset();
            for (const { labels, value } of samples()) this.set({ ...labels }, value);
          },
        });
      }
    }
    // What grows by no namespace is there from the start.
    for (const [name, { labels }] of Object.entries<Metric>(METRICS))
      if (!Object.values(labels).includes(EACH_NAMESPACE)) this.showAtZero(name, combinations(labels));
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
