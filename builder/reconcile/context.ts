import type { Environment } from "../../contract/environment";
import type { KubernetesClient } from "../kubernetes/client";
import type { LambdaFunction } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import type { Registries } from "../registry/registries";
import type { Tracing } from "../tracing";
import type { Cluster } from "./cluster";
import { Draft } from "./draft";
import type { EndBuild } from "./endBuild";
import type { ImageLock } from "./imageLock";
import { specHonoured } from "./noEffect";
import type { PrepareBuild } from "./prepareBuild";
import type { Rollout } from "./rollout";
import type { StartBuild } from "./startBuild";
import type { StatusWriter } from "./statusWriter";

/** What the steps of a reconciliation work with. */
export interface Context {
  client: KubernetesClient;
  environment: Environment;
  cluster: Cluster;
  registries: Registries;
  prepare: PrepareBuild;
  start: StartBuild;
  end: EndBuild;
  lock: ImageLock;
  rollout: Rollout;
  writer: StatusWriter;
  metrics: Metrics;
  tracing: Pick<Tracing, "say">;
  log: Log;
  now: () => Date;
}

/** After a write of its own the next look may be at once. */
export const AT_ONCE: Outcome = { againAfterMs: 0 };

/** A status that begins as the one observed, with what is to be said of every spec. */
export function draftOf({ now }: Context, fn: LambdaFunction): Draft {
  const { status, reason, message } = specHonoured(fn.spec);
  return new Draft(fn, now).say("SpecHonoured", status, reason, message);
}
