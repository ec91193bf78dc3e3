import type { LambdaFunction } from "../kubernetes/resources";
import type { Condition, ConditionType } from "./conditions";

/** Where a function's build stands, by its status alone. */
export type Stage =
  /** Its source has not been looked at for this generation, or it waits for an image that another builds. */
  | { stage: "new"; attempt: number }
  | { stage: "building"; jobName: string; attempt: number }
  /** An attempt has failed that another may mend. */
  | { stage: "retrying"; jobName: string; attempt: number; failedAt: number }
  | { stage: "built"; image: string }
  /** Only a change of the spec, or a command, is a reason to try again. */
  | { stage: "failed" };

/** The template version that a function's image is made by. Statuses from before it was said are of the first. */
export const templateVersionOf = (fn: LambdaFunction | undefined): number =>
  fn?.status?.buildStatus?.templateVersion ?? 1;

/** The stage of the present generation: what was said of an earlier one is history. */
export function stageOf(fn: LambdaFunction): Stage {
  const { metadata, status } = fn;
  if (status === undefined || status.observedGeneration !== metadata.generation)
    return { stage: "new", attempt: 1 };
  const source = presently(fn, "SourceReady");
  const build = presently(fn, "BuildReady");
  const { jobName, attempt = 1, completedAt, imageURI } = status.buildStatus ?? {};
  if (source?.status === "False" || build?.status === "False") return { stage: "failed" };
  if (build?.status === "True" && imageURI !== undefined) return { stage: "built", image: imageURI };
  if (source?.status !== "True") return { stage: "new", attempt: 1 };
  if (jobName === undefined) return { stage: "new", attempt };
  return completedAt === undefined
    ? { stage: "building", jobName, attempt }
    : { stage: "retrying", jobName, attempt, failedAt: Date.parse(completedAt) };
}

/**
 * Whether newer templates have built this generation anew, and with what end so far. A source that can't be read any more is no failure of
 * theirs.
 */
export function refreshOf(fn: LambdaFunction): "failed" | "refreshed" | undefined {
  if (presently(fn, "Refreshed") === undefined) return undefined;
  return fn.status?.phase === "Failed" && presently(fn, "SourceReady")?.status === "True"
    ? "failed"
    : "refreshed";
}

/** A condition, if it is said of the present generation. */
export const presently = ({ metadata, status }: LambdaFunction, type: ConditionType): Condition | undefined =>
  status?.conditions?.find(
    (condition) => condition.type === type && condition.observedGeneration === metadata.generation,
  );
