import type { Environment } from "../../contract/environment";
import { REFRESH_STANDINGS } from "../../contract/metrics";
import { TEMPLATE_VERSION } from "../build/templateVersion";
import type { KubernetesClient } from "../kubernetes/client";
import type { EventRecorder } from "../kubernetes/events";
import type { Ownership } from "../kubernetes/ownership";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import type { Registries } from "../registry/registries";
import type { ContextStore } from "../source/contextStore";
import type { ReadSecret } from "../source/secret";
import type { SourceFetcher } from "../source/sourceFetcher";
import type { Tracing } from "../tracing";
import { BuildAnew } from "./buildAnew";
import { BuildJobs } from "./buildJobs";
import type { Context } from "./context";
import { Controller } from "./controller";
import { EndBuild } from "./endBuild";
import { ImageLock } from "./imageLock";
import { PrepareBuild } from "./prepareBuild";
import { Reconciler } from "./reconciler";
import { Refresh } from "./refresh";
import { countByRefresh } from "./refreshStanding";
import { Rollout, type Untag } from "./rollout";
import { StartBuild } from "./startBuild";
import { StatusWriter } from "./statusWriter";

/** What a controller of functions needs of the world. */
export interface World {
  environment: Environment;
  client: KubernetesClient;
  ownership: Ownership;
  registries: Registries;
  fetcher: Pick<SourceFetcher, "fetch">;
  contexts: Pick<ContextStore, "keep">;
  readSecret: ReadSecret;
  /** Key of the one-build tokens. */
  tokenKey: () => Promise<Buffer>;
  /** Takes a tag off where the distribution API can't; undefined where it can. */
  untag: Untag | undefined;
  events: Pick<EventRecorder, "record">;
  metrics: Metrics;
  tracing: Pick<Tracing, "say">;
  log: Log;
  /** Wall clock. */
  now: () => Date;
  /** Version of the templates that functions are built by. @default TEMPLATE_VERSION */
  templateVersion?: number | undefined;
  /** Time between two functions that are refreshed, in milliseconds. @default 5000 */
  refreshEveryMs?: number | undefined;
  /** Longest time of one of the fetcher's fetches, in milliseconds. @default that of FETCH_SECONDS */
  fetchMs?: number | undefined;
}

export interface Composed {
  controller: Controller;
  refresh: Refresh;
}

/** The controller of functions, with all that brings one of them to where its spec wants it, and what has those built anew that are past. */
export function composeController(world: World): Composed {
  const { environment, client, ownership, registries, metrics, tracing, log, now } = world;
  const { templateVersion = TEMPLATE_VERSION, refreshEveryMs, fetchMs } = world;
  const controller = new Controller({ client, environment, ownership, metrics, log, fetchMs });
  const { cluster } = controller;
  const { fetcher, contexts, readSecret, tokenKey, events } = world;
  const untag: Untag =
    world.untag ??
    ((namespace, repository, tag, signal) =>
      registries.platform(namespace).untag(repository, tag, { signal }));
  const prepare = new PrepareBuild({
    environment,
    fetcher,
    contexts,
    registries,
    readSecret,
    templateVersion,
    now,
    wake: (key) => {
      controller.queue.add(key);
    },
  });
  controller.onLooked((key) => {
    prepare.looked(key);
  });
  const context: Context = {
    client,
    environment,
    cluster,
    registries,
    prepare,
    start: new StartBuild({ client, environment, tokenKey }),
    end: new EndBuild({ client, environment, registries, metrics, log, now }),
    lock: new ImageLock({ client, namespace: environment.BUILD_NAMESPACE, now }),
    rollout: new Rollout({
      client,
      environment,
      registries,
      cluster,
      untag,
      templateVersion,
      laterLives: () => ownership.laterLives,
      log,
    }),
    untag,
    writer: new StatusWriter(client, events),
    templateVersion,
    metrics,
    tracing,
    log,
    now,
  };
  const reconciler = new Reconciler(context);
  controller.reconcileBy((key, signal) => reconciler.reconcile(key, signal));
  metrics.gauge("functions_by_refresh", () => {
    const counts = countByRefresh(cluster.functions.list(), templateVersion);
    return REFRESH_STANDINGS.map((standing) => ({ labels: { standing }, value: counts[standing] }));
  });
  const refresh = new Refresh({
    cluster,
    isReady: () => controller.problem === undefined && controller.knowsWhoServes,
    environment,
    ownership,
    writer: context.writer,
    anew: new BuildAnew(context, new BuildJobs(context)),
    templateVersion,
    log,
    now,
    everyMs: refreshEveryMs,
  });
  return { controller, refresh };
}
