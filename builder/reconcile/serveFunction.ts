import { ApiError } from "../kubernetes/apiError";
import { keyOf } from "../kubernetes/objects";
import type { LambdaFunction } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import { serviceState } from "../serve/serviceState";
import { startFailure } from "../serve/startFailure";
import { heldImage } from "./commands";
import { type Context, draftOf } from "./context";
import { previousOf } from "./rollout";

/** Has a function's image served, and says how that goes. */
export class ServeFunction {
  constructor(private readonly args: Context) {}

  async serve(fn: LambdaFunction, image: string, signal: AbortSignal): Promise<Outcome | undefined> {
    const { rollout, writer, log } = this.args;
    let outcome;
    try {
      outcome = await rollout.apply(fn, image, signal);
    } catch (error) {
      if (error instanceof ApiError && [400, 422].includes(error.code)) {
        await writer.write(
          draftOf(this.args, fn).in("Failed").say("DeployReady", "False", "ServiceRefused", error.message),
          signal,
        );
        return undefined;
      }
      throw error;
    }
    if (outcome.outcome === "superseded") return undefined;
    if (outcome.outcome === "foreign") {
      await writer.write(
        draftOf(this.args, fn)
          .in("Failed")
          .say(
            "DeployReady",
            "False",
            "ServiceNameTaken",
            `a Knative Service ${fn.metadata.name} is there that is not this function's; delete it or rename the function`,
          ),
        signal,
      );
      return { againAfterMs: 30_000 };
    }
    if (outcome.outcome === "applied") log.info({ function: keyOf(fn), image }, "rolled out");
    const wasReady = fn.status?.phase === "Ready";
    const state = serviceState(outcome.object, (revision) =>
      this.args.cluster.servingPods
        .by("revision", `${fn.metadata.namespace ?? ""}/${revision}`)
        .map(startFailure)
        .find((failure) => failure !== undefined),
    );
    const draft = draftOf(this.args, fn).serves({
      serviceName: fn.metadata.name,
      ready: state.latestReady !== undefined,
      ...(state.url === undefined ? {} : { url: state.url }),
      ...(state.latestReady === undefined ? {} : { latestRevision: state.latestReady }),
    });
    const held = heldImage(fn) === undefined ? "" : " (rolled back, until the spec changes)";
    if (state.ready === "ready")
      draft
        .in("Ready")
        .say("DeployReady", "True", "RolledOut", `${image} is rolled out${held}`)
        .say("ServiceReady", "True", "Serving", `revision ${state.latestReady ?? ""} serves`);
    else if (state.ready === "failed")
      draft
        .in("Failed")
        .say(
          "DeployReady",
          "False",
          reasonOr(state.reason, "RevisionFailed"),
          `the new revision can't start: ${state.message}${state.latestReady === undefined ? "" : `; ${state.latestReady} serves on`}`,
        )
        .say(
          "ServiceReady",
          state.latestReady === undefined ? "False" : "True",
          state.latestReady === undefined ? "NothingServes" : "EarlierRevisionServes",
          state.latestReady === undefined
            ? "no revision has ever been ready"
            : `revision ${state.latestReady} serves`,
        );
    else
      draft
        .in("Deploying")
        .say(
          "DeployReady",
          "Unknown",
          "RollingOut",
          state.message === "" ? `${image} is being rolled out` : state.message,
        )
        .say(
          "ServiceReady",
          state.latestReady === undefined ? "False" : "True",
          state.latestReady === undefined ? "NotYetServing" : "RevisionServes",
          state.latestReady === undefined
            ? "the first revision is starting"
            : `revision ${state.latestReady} serves until the new one is ready`,
        );
    const isNew = state.ready === "ready" && !wasReady;
    // Listed before the write: what is tagged after it was decided by somebody who knows of it, and is none of these.
    const stale = isNew ? await rollout.staleTags(fn, [image, previousOf(outcome.object)], signal) : [];
    await writer.write(draft, signal);
    if (isNew)
      this.args.tracing.say(fn, {
        name: "rollout",
        from: new Date(fn.status?.buildStatus?.completedAt ?? this.args.now()),
        to: this.args.now(),
        attributes: { "faas.version": state.latestReady ?? "", image: image },
      });
    await rollout.untag(fn, stale, signal);
    return undefined;
  }

  /** What was served before serves on when a new build fails; its state is shown. */
  async reportService(fn: LambdaFunction, signal: AbortSignal): Promise<undefined> {
    const { rollout, writer } = this.args;
    const service = rollout.service(fn);
    const state = service === undefined ? undefined : serviceState(service);
    const serving = state?.latestReady;
    const draft = draftOf(this.args, fn);
    if (serving === undefined)
      draft.say("ServiceReady", "False", "NothingServes", "nothing was ever built that could serve");
    else
      draft
        .say(
          "ServiceReady",
          "True",
          "EarlierRevisionServes",
          `revision ${serving} of an earlier build serves`,
        )
        .serves({
          serviceName: fn.metadata.name,
          ready: true,
          latestRevision: serving,
          ...(state?.url === undefined ? {} : { url: state.url }),
        });
    await writer.write(draft, signal);
    return undefined;
  }
}

const reasonOr = (reason: string, otherwise: string): string =>
  /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/.test(reason) ? reason : otherwise;
