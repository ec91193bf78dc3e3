import { keyOf } from "../kubernetes/objects";
import type { LambdaFunction } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import { hasEnded } from "./cluster";
import type { Context } from "./context";
import type { Draft } from "./draft";
import type { PreparedBuild } from "./prepareBuild";

const LOOK_MS = 500;

/** Functions that wait for an image that another's Job, or another attempt, is building. */
export class SameBuild {
  /** By key. */
  private readonly waiting = new Map<string, { version: string; image: string; until: number }>();

  constructor(private readonly args: Pick<Context, "cluster" | "writer">) {}

  /**
   * Has a function wait.
   * @param job The Job that builds its image
   */
  async waitFor(
    job: string,
    { image, plan: { templateVersion } }: PreparedBuild,
    draft: Draft,
    attempt: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const words = `job ${job} builds the same: its image is waited for`;
    draft
      .in("Building")
      .say("BuildReady", "Unknown", "SameBuildRunning", words)
      .builds({ attempt, templateVersion });
    await this.args.writer.write(draft, signal);
    const version = versionOf(draft.fn);
    this.waiting.set(keyOf(draft.fn), { version, image, until: performance.now() + LOOK_MS });
    return { againAfterMs: LOOK_MS };
  }

  /**
   * Whether the image that a function waits for is still being built, or was a moment ago. Its source need not be read again to know.
   * @returns When to look again, where it is
   */
  stillRuns(fn: LambdaFunction): Outcome | undefined {
    const key = keyOf(fn);
    const waits = this.waiting.get(key);
    const { jobs } = this.args.cluster;
    if (
      waits?.version === versionOf(fn) &&
      (performance.now() < waits.until || jobs.by("image", waits.image).some((job) => !hasEnded(job)))
    )
      return { againAfterMs: LOOK_MS };
    this.waiting.delete(key);
    return undefined;
  }

  /** Drops what is known of a function that is gone. */
  forget(key: string): void {
    this.waiting.delete(key);
  }
}

const versionOf = ({ metadata }: LambdaFunction): string =>
  `${metadata.uid ?? ""}/${metadata.generation ?? 0}`;
