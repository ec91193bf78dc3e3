import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../contract/environment";
import { isConflict } from "../kubernetes/apiError";
import { keyOf } from "../kubernetes/objects";
import type { Ownership } from "../kubernetes/ownership";
import type { LambdaFunction } from "../kubernetes/resources";
import type { Log } from "../log";
import type { BuildAnew } from "./buildAnew";
import { type Cluster, hasEnded } from "./cluster";
import { countByRefresh, isBraked, refreshStanding } from "./refreshStanding";
import { presently, stageOf, templateVersionOf } from "./standing";
import type { StatusWriter } from "./statusWriter";

export interface RefreshArgs {
  cluster: Cluster;
  /** Whether the watches have what they watch. */
  isReady: () => boolean;
  environment: Pick<Environment, "KANIKO_JOB_LIMIT">;
  ownership: Pick<Ownership, "owns">;
  writer: Pick<StatusWriter, "newest">;
  anew: Pick<BuildAnew, "ask">;
  /** Version of the templates that this builder builds by. */
  templateVersion: number;
  log: Log;
  /** Wall clock. */
  now: () => Date;
  /** Time between two functions, in milliseconds. @default 5000 */
  everyMs?: number | undefined;
}

const EVERY_MS = 5_000;
/** Of the builds that may run at once, how many there may be for one more to be begun: the rest is kept for changes of functions. */
const SHARE = 0.1;
/**
 * A function whose source can't be reached holds its place for so long. After that the others need not wait for it. One that can't be had
 * built anew at all is not asked for again for as long.
 */
const HELD_UP_MS = 600_000;
/** The reason that is said, and by which a refresh that has no Job yet is known. */
const REASON = "TemplatesRaised";
/** The replica on which this key is at home begins refreshes. One looks where all would begin one each. */
const HOME = "refresh";

/**
 * Has the functions built anew whose image was made by earlier templates: one at a time, those in use first, and only while few builds are
 * under way. Where what the new templates make fails, no more are begun. All that counts is in the functions' status and the Jobs: a replica
 * that ends at any point is followed by another.
 *
 * What a builder of higher templates has built is left alone by one of lower templates, so that two versions at once end on the higher.
 */
export class Refresh {
  /** Functions that could not be had built anew, by key, and until when they are passed over for it. */
  private readonly heldUp = new Map<string, { uid: string | undefined; until: number }>();
  private halted = false;

  constructor(private readonly args: RefreshArgs) {}

  /** Runs until `stop` aborts. Never rejects. */
  async run(stop: AbortSignal): Promise<void> {
    const { everyMs = EVERY_MS, log } = this.args;
    const stopped = (): boolean => stop.aborted;
    while (!stopped()) {
      await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined);
      if (stopped()) return;
      let fn: LambdaFunction | undefined;
      try {
        fn = this.due();
        if (fn !== undefined) await this.refresh(fn, stop);
      } catch (error) {
        // Of a conflict: somebody else has written. The next look decides anew.
        if (stopped() || isConflict(error)) continue;
        if (fn !== undefined) this.passOver(fn);
        log.warn({ err: error, function: fn && keyOf(fn) }, "a function could not be refreshed");
      }
    }
  }

  /** The function that is to be refreshed now, if one is. */
  private due(): LambdaFunction | undefined {
    const { environment, isReady, ownership, templateVersion } = this.args;
    if (!isReady()) return undefined;
    this.letGo();
    if (!ownership.owns(HOME, templateVersion)) return undefined;
    const fn = this.next();
    const few = Math.max(1, Math.floor(environment.KANIKO_JOB_LIMIT * SHARE));
    return fn !== undefined && !this.isHalted() && this.underWay() < few ? fn : undefined;
  }

  /** Whether what was built anew fails too often for one more; said once. */
  private isHalted(): boolean {
    const { cluster, writer, templateVersion, log } = this.args;
    const functions = cluster.functions.list().map((fn) => writer.newest(fn));
    const counts = countByRefresh(functions, templateVersion);
    const halted = isBraked(counts);
    if (halted !== this.halted) {
      const fields = { ...counts, templateVersion };
      if (halted)
        log.error(
          fields,
          "too many of the functions that were built anew by newer templates fail: no more are; roll the builder back, or mend what fails",
        );
      else log.info(fields, "functions are built anew by newer templates again");
    }
    this.halted = halted;
    return halted;
  }

  private async refresh(fn: LambdaFunction, signal: AbortSignal): Promise<void> {
    const { anew, templateVersion, log } = this.args;
    const from = templateVersionOf(fn);
    await anew.ask(
      fn,
      {
        reason: REASON,
        source: "the source is read anew, for a build by newer templates",
        build: `the image was built by version ${from} of the builder's templates; it is built anew by version ${templateVersion}, and serves until then`,
        refreshed: `version ${templateVersion} of the builder's templates has it built anew, after version ${from}`,
      },
      signal,
    );
    log.info(
      { function: keyOf(fn), from, to: templateVersion },
      "a function is built anew, as the templates were raised",
    );
  }

  /** Else it would be chosen again at each look, and no other ever. */
  private passOver(fn: LambdaFunction): void {
    const until = this.args.now().getTime() + HELD_UP_MS;
    this.heldUp.set(keyOf(fn), { uid: fn.metadata.uid, until });
  }

  /** Functions that were passed over for long enough, or are gone, are remembered no longer. */
  private letGo(): void {
    const now = this.args.now().getTime();
    for (const [key, { uid, until }] of this.heldUp)
      if (now >= until || this.args.cluster.functions.get(key)?.metadata.uid !== uid) this.heldUp.delete(key);
  }

  /** The function that is refreshed next: one in use before one that is not, then the one that was built first. */
  private next(): LambdaFunction | undefined {
    let best: { fn: LambdaFunction; inUse: boolean; builtAt: string } | undefined;
    for (const seen of this.args.cluster.functions.list()) {
      // Of the watch's first: where nothing is to be done, this is all that a function costs.
      if (templateVersionOf(seen) >= this.args.templateVersion || this.heldUp.has(keyOf(seen))) continue;
      const fn = this.args.writer.newest(seen);
      if (refreshStanding(fn, this.args.templateVersion) !== "past") continue;
      const inUse = this.isInUse(fn);
      const builtAt = fn.status?.buildStatus?.completedAt ?? "";
      if (
        best === undefined ||
        (inUse !== best.inUse
          ? inUse
          : builtAt < best.builtAt || (builtAt === best.builtAt && keyOf(fn) < keyOf(best.fn)))
      )
        best = { fn, inUse, builtAt };
    }
    return best?.fn;
  }

  private isInUse({ metadata, status }: LambdaFunction): boolean {
    const revision = status?.serviceStatus?.latestRevision;
    if (revision === undefined) return false;
    const { servingPods } = this.args.cluster;
    return servingPods.by("revision", `${metadata.namespace ?? ""}/${revision}`).length > 0;
  }

  /** Builds that have not ended, whoever wants them, and refreshes that no Job is there for yet. */
  private underWay(): number {
    const { cluster, writer } = this.args;
    const jobs = new Set(
      cluster.jobs
        .list()
        .filter((job) => !hasEnded(job))
        .map(({ metadata }) => metadata.name),
    );
    let asked = 0;
    for (const seen of cluster.functions.list()) {
      const fn = writer.newest(seen);
      const stage = stageOf(fn);
      // Said before its Job is made, or between two attempts.
      if (stage.stage === "building" || stage.stage === "retrying") jobs.add(stage.jobName);
      else if (stage.stage === "new" && this.isAsked(fn)) asked += 1;
    }
    return jobs.size + asked;
  }

  private isAsked(fn: LambdaFunction): boolean {
    const build = presently(fn, "BuildReady");
    return (
      build?.reason === REASON &&
      this.args.now().getTime() - Date.parse(build.lastTransitionTime) < HELD_UP_MS
    );
  }
}
