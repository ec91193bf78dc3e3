import type { Environment } from "../../contract/environment";
import { WATCHED } from "../../contract/metrics";
import { readRecord } from "../build/buildRecord";
import { keyOf } from "../kubernetes/objects";
import type { Job, LambdaFunction } from "../kubernetes/resources";
import type { Metrics } from "../metrics";
import { keptFunctions, keptScale } from "../serve/keepAlive";
import { type Cluster, functionOf, hasEnded } from "./cluster";

export interface GaugesArgs {
  cluster: Cluster;
  watches: Readonly<Record<(typeof WATCHED)[number], { readonly silentMs: number }>>;
  environment: Environment;
  ownership: { owns(key: string): boolean };
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
      for (const job of cluster.jobs.list()) {
        const record = readRecord(job);
        if (record !== undefined && !hasEnded(job) && which(job) && ownership.owns(functionOf(job)))
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
      for (const key of keptFunctions(environment, cluster.functions.list())) {
        const fn = cluster.functions.get(key);
        if (fn !== undefined && ownership.owns(key)) to(fn.metadata.namespace ?? "", minScale);
      }
    }).map(({ function_namespace, value }) => ({ labels: { function_namespace }, value }));
  });

  const ofEach = (value: (fn: LambdaFunction) => number | undefined) =>
    cluster.functions.list().flatMap((fn) => {
      const known = value(fn);
      if (known === undefined || !ownership.owns(keyOf(fn))) return [];
      const { namespace = "", name } = fn.metadata;
      return [{ labels: { function_namespace: namespace, function: name }, value: known }];
    });
  metrics.gauge("function_image_size_bytes", () =>
    ofEach(({ status }) => status?.buildStatus?.imageSizeBytes),
  );
  metrics.gauge("function_last_build_duration_seconds", () =>
    ofEach(({ status }) => status?.buildStatus?.durationSeconds),
  );

  metrics.gauge("watch_silent_seconds", () =>
    WATCHED.map((resource) => ({ labels: { resource }, value: watches[resource].silentMs / 1000 })),
  );
}
