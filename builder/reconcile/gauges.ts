import type { Environment } from "../../contract/environment";
import { type MetricOfType, WATCHED } from "../../contract/metrics";
import { readRecord } from "../build/buildRecord";
import type { Ownership } from "../kubernetes/ownership";
import { keyOf } from "../kubernetes/objects";
import type { Job, LambdaFunction } from "../kubernetes/resources";
import type { Metrics, Sample } from "../metrics";
import { keptFunctions, keptScale } from "../serve/keepAlive";
import { type Cluster, functionOf, hasEnded, labelledToKeep } from "./cluster";

export interface GaugesArgs {
  cluster: Cluster;
  watches: Readonly<Record<(typeof WATCHED)[number], { readonly silentMs: number }>>;
  environment: Environment;
  ownership: Pick<Ownership, "home">;
  metrics: Metrics;
}

/** Says how things stand, each time that Prometheus asks: of the functions at home on this replica, from what is watched. */
export function exposeGauges({ cluster, watches, environment, ownership, metrics }: GaugesArgs): void {
  /** A figure for each namespace that has functions, 0 where nothing adds to it. */
  const perNamespace = (add: (to: (namespace: string, amount: number) => void) => void) => {
    const sums = new Map<string, number>();
    const to = (namespace: string, amount: number): void => {
      sums.set(namespace, (sums.get(namespace) ?? 0) + amount);
    };
    for (const { metadata } of cluster.functions.list()) to(metadata.namespace ?? "", 0);
    add(to);
    return [...sums].map(([function_namespace, value]) => ({ function_namespace, value }));
  };
  const builds = (which: (job: Job) => boolean) =>
    perNamespace((to) => {
      const isHome = ownership.home();
      for (const job of cluster.jobs.list()) {
        const record = readRecord(job);
        if (record !== undefined && !hasEnded(job) && which(job) && isHome(functionOf(job)))
          to(record.namespace, 1);
      }
    });
  const admitted = ({ spec }: Job): boolean => spec?.suspend !== true;
  metrics.gauge("builds_running", () =>
    builds(admitted).map(({ function_namespace, value }) => ({
      labels: { function_namespace, strategy: "kaniko" },
      value,
    })),
  );
  metrics.gauge("builds_queued", () =>
    builds((job) => !admitted(job)).map(({ function_namespace, value }) => ({
      labels: { function_namespace },
      value,
    })),
  );

  metrics.gauge("keep_alive_pods", () => {
    const { minScale } = keptScale(environment);
    return perNamespace((to) => {
      const isHome = ownership.home();
      for (const key of keptFunctions(environment, labelledToKeep(cluster))) {
        const fn = cluster.functions.get(key);
        if (fn !== undefined && isHome(key)) to(fn.metadata.namespace ?? "", minScale);
      }
    }).map(({ function_namespace, value }) => ({ labels: { function_namespace }, value }));
  });

  type OfFunction = Extract<MetricOfType<"gauge">, `function_${string}`>;
  const ofEach = (name: OfFunction, value: (fn: LambdaFunction) => number | undefined): void => {
    // One object for as long as a function stays as it is: the text that is made of it is kept.
    const samples = new WeakMap<LambdaFunction, Sample<OfFunction>>();
    metrics.gauge(name, () => {
      const isHome = ownership.home();
      return cluster.functions.list().flatMap((fn) => {
        const known = value(fn);
        if (known === undefined || !isHome(keyOf(fn))) return [];
        const { namespace = "", name: ofFunction } = fn.metadata;
        const sample = samples.get(fn) ?? {
          labels: { function_namespace: namespace, function: ofFunction },
          value: known,
        };
        samples.set(fn, sample);
        return sample;
      });
    });
  };
  ofEach("function_image_size_bytes", ({ status }) => status?.buildStatus?.imageSizeBytes);
  ofEach("function_last_build_duration_seconds", ({ status }) => status?.buildStatus?.durationSeconds);

  metrics.gauge("watch_silent_seconds", () =>
    WATCHED.map((resource) => ({ labels: { resource }, value: watches[resource].silentMs / 1000 })),
  );
}
