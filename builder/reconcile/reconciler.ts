import { isConflict } from "../kubernetes/apiError";
import type { LambdaFunction } from "../kubernetes/resources";
import type { Outcome } from "../kubernetes/workQueue";
import { BeginBuild } from "./beginBuild";
import { BuildAnew } from "./buildAnew";
import { BuildJobs } from "./buildJobs";
import { dueCommands, heldImage } from "./commands";
import type { Context } from "./context";
import { FollowBuild } from "./followBuild";
import { ObeyCommand } from "./obeyCommand";
import { RemoveFunction, FINALIZER } from "./removeFunction";
import { SameBuild } from "./sameBuild";
import { ServeFunction } from "./serveFunction";
import { stageOf } from "./standing";

/** Brings a function to where its spec wants it, one step at a time: observe, decide, write. Every step may be repeated. */
export class Reconciler {
  private readonly jobs: BuildJobs;
  private readonly same: SameBuild;
  private readonly beginning: BeginBuild;
  private readonly following: FollowBuild;
  private readonly serving: ServeFunction;
  private readonly commands: ObeyCommand;
  private readonly removal: RemoveFunction;

  constructor(private readonly args: Context) {
    this.jobs = new BuildJobs(args);
    this.same = new SameBuild(args);
    this.beginning = new BeginBuild(args, this.same);
    this.following = new FollowBuild(args, this.beginning, this.jobs);
    this.serving = new ServeFunction(args);
    this.commands = new ObeyCommand(args, this.jobs, new BuildAnew(args, this.jobs));
    this.removal = new RemoveFunction(args, this.jobs);
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Outcome | undefined> {
    const { cluster, writer } = this.args;
    const seen = cluster.functions.get(key);
    if (seen === undefined) {
      writer.forget(key);
      this.same.forget(key);
      await this.jobs.removeOrphans(key, signal);
      return undefined;
    }
    const fn = writer.newest(seen);
    try {
      if (fn.metadata.deletionTimestamp !== undefined) return await this.removal.remove(fn, signal);
      if (!fn.metadata.finalizers?.includes(FINALIZER)) return await this.removal.addFinalizer(fn, signal);
      const [due] = dueCommands(fn);
      if (due) return await this.commands.obey(fn, due, signal);
      return await this.step(fn, signal);
    } catch (error) {
      // Somebody else has written: their change is on its way to us.
      if (isConflict(error)) return { againAfterMs: 200 };
      throw error;
    }
  }

  private async step(fn: LambdaFunction, signal: AbortSignal): Promise<Outcome | undefined> {
    this.args.metrics.expect(fn.metadata.namespace ?? "");
    const stage = stageOf(fn);
    await this.jobs.tidy(fn, stage, signal);
    const held = heldImage(fn);
    switch (stage.stage) {
      case "new":
        return this.beginning.begin(fn, stage.attempt, signal);
      case "building":
        return this.following.watchBuild(fn, stage, signal);
      case "retrying":
        return this.following.retry(fn, stage, signal);
      case "built":
        return this.serving.serve(fn, held ?? stage.image, signal);
      case "failed":
        // What was rolled back to is served though nothing newer could be built.
        return held === undefined
          ? this.serving.reportService(fn, signal)
          : this.serving.serve(fn, held, signal);
    }
  }
}
