import { actedAnnotation } from "../../contract/annotations";
import { keyOf } from "../kubernetes/objects";
import { FUNCTIONS, type LambdaFunction } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import type { BuildAnew } from "./buildAnew";
import type { BuildJobs } from "./buildJobs";
import { hasEnded } from "./cluster";
import { type Due, HELD_IMAGE_ANNOTATION, holdText } from "./commands";
import { type Context, AT_ONCE, draftOf } from "./context";
import { stageOf } from "./standing";

/** Acts on commands. */
export class ObeyCommand {
  constructor(
    private readonly args: Context,
    private readonly jobs: BuildJobs,
    private readonly anew: BuildAnew,
  ) {}

  /** Does what a command asks, once. What was done is written before that it was: a repeat does the same again. */
  async obey(fn: LambdaFunction, { command, id, stale }: Due, signal: AbortSignal): Promise<Outcome> {
    const { client, writer, rollout, log } = this.args;
    let after = fn;
    let held: string | null | undefined;
    const stage = stageOf(fn);
    log.info({ function: keyOf(fn), command, id, stale }, "command");
    if (!stale)
      switch (command) {
        case "build.start":
        case "build.retry": {
          if (command === "build.retry" && stage.stage !== "failed" && stage.stage !== "retrying") break;
          const why = { reason: "BuildRequested", source: "the source is read anew, as was asked for" };
          after = await this.anew.ask(fn, { ...why, build: "built anew, as was asked for" }, signal);
          held = null;
          break;
        }
        case "build.cancel": {
          if (stage.stage === "built" || stage.stage === "failed") break;
          after = await writer.write(
            draftOf(this.args, fn)
              .in("Failed")
              .say(
                "BuildReady",
                "False",
                "BuildCancelled",
                "the build was cancelled; it is begun again when the spec changes, or by build.start",
              ),
            signal,
          );
          // After it was said: whoever was about to begin a build is told so first.
          for (const job of await this.jobs.all(after, signal))
            if (!hasEnded(job)) await this.jobs.cancelJob(after, job, signal);
          break;
        }
        case "function.rollback": {
          const previous = await rollout.previousImage(fn, signal);
          if (previous === undefined)
            after = await writer.write(
              draftOf(this.args, fn).say(
                "DeployReady",
                "Unknown",
                "NothingToRollBackTo",
                "no other image was served before",
              ),
              signal,
            );
          else held = holdText(fn.metadata.generation ?? 0, previous);
        }
      }
    const written = await client.merge<LambdaFunction>(
      FUNCTIONS,
      after.metadata,
      {
        metadata: {
          resourceVersion: after.metadata.resourceVersion,
          annotations: {
            [actedAnnotation(command)]: id,
            ...(held === undefined ? {} : { [HELD_IMAGE_ANNOTATION]: held }),
          },
        },
      },
      { signal },
    );
    writer.wrote(written);
    return AT_ONCE;
  }
}
