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
import { isListed } from "./history";
import { specHonoured } from "./noEffect";
import type { PrepareBuild } from "./prepareBuild";
import type { Rollout, Untag } from "./rollout";
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
  /** Takes a tag off an image of the platform's registry. */
  untag: Untag;
  writer: StatusWriter;
  /** Version of the templates that this builder builds by. */
  templateVersion: number;
  metrics: Metrics;
  tracing: Pick<Tracing, "say">;
  log: Log;
  now: () => Date;
}

/** After a write of its own the next look may be at once. */
export const AT_ONCE: Outcome = { againAfterMs: 0 };

/** A status that begins as the one observed, with what is to be said of every spec, and of namespaces where the builder may do less. */
export function draftOf(
  { environment, now }: Pick<Context, "environment" | "now">,
  fn: LambdaFunction,
): Draft {
  const { status, reason, message } = specHonoured(fn.spec);
  const draft = new Draft(fn, now).say("SpecHonoured", status, reason, message);
  const { namespace = "" } = fn.metadata;
  if (!isListed(environment, namespace))
    draft.say(
      "NamespaceListed",
      "False",
      "NamespaceNotListed",
      `Secrets of namespace ${namespace} can't be read, and no records of its builds are kept: have it added to functions.namespaces`,
    );
  else if (fn.status?.conditions?.some(({ type }) => type === "NamespaceListed") === true)
    draft.say("NamespaceListed", "True", "NamespaceListed", "the namespace is in functions.namespaces");
  return draft;
}
