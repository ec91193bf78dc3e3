import type { LambdaFunction } from "../kubernetes/resources";
import type { BuildJobs } from "./buildJobs";
import { hasEnded } from "./cluster";
import { type Context, draftOf } from "./context";

/** Why a function is built anew though its spec is the same. */
export interface Why {
  reason: string;
  /** What is said of the source. */
  source: string;
  /** What is said of the build. */
  build: string;
  /** What is said of newer templates, where it is they that have it built anew. */
  refreshed?: string;
}

/** Has functions built anew: their status says that nothing is known of source and build, and the next look begins. */
export class BuildAnew {
  constructor(
    private readonly args: Pick<Context, "environment" | "now" | "writer" | "templateVersion">,
    private readonly jobs: Pick<BuildJobs, "all" | "deleteJob">,
  ) {}

  /**
   * What serves goes on serving. Who asks also builds, or another of its template version.
   * @returns The function as it is now
   * @throws ApiError that `isConflict` where the function has changed since it was observed
   */
  async ask(
    fn: LambdaFunction,
    { reason, source, build, refreshed }: Why,
    signal: AbortSignal,
  ): Promise<LambdaFunction> {
    // An attempt that has ended would be taken for the new one. One that runs is the new one, if the source is the same.
    for (const job of (await this.jobs.all(fn, signal)).filter(hasEnded))
      await this.jobs.deleteJob(job, signal);
    const draft = draftOf(this.args, fn)
      .in("Pending")
      .say("SourceReady", "Unknown", reason, source)
      .say("BuildReady", "Unknown", reason, build)
      .builds({ templateVersion: this.args.templateVersion });
    if (refreshed !== undefined) draft.say("Refreshed", "True", reason, refreshed);
    return this.args.writer.write(draft, signal);
  }
}
