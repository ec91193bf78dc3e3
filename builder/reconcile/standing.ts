import type { LambdaFunction } from "../kubernetes/resources";

/** Where a function's build stands, by its status alone. */
export type Stage =
  /** Its source has not been looked at for this generation. */
  | { stage: "new" }
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
export function stageOf({ metadata, status }: LambdaFunction): Stage {
  if (status === undefined || status.observedGeneration !== metadata.generation) return { stage: "new" };
  const condition = (type: string) =>
    status.conditions?.find(
      (candidate) => candidate.type === type && candidate.observedGeneration === metadata.generation,
    );
  const source = condition("SourceReady");
  const build = condition("BuildReady");
  const { jobName, attempt = 1, completedAt, imageURI } = status.buildStatus ?? {};
  if (source?.status === "False" || build?.status === "False") return { stage: "failed" };
  if (build?.status === "True" && imageURI !== undefined) return { stage: "built", image: imageURI };
  if (jobName === undefined || source?.status !== "True") return { stage: "new" };
  return completedAt === undefined
    ? { stage: "building", jobName, attempt }
    : { stage: "retrying", jobName, attempt, failedAt: Date.parse(completedAt) };
}
