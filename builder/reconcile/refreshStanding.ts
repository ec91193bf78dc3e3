import type { REFRESH_STANDINGS } from "../../contract/metrics";
import { REFRESH_BRAKE } from "../../contract/refreshBrake";
import type { LambdaFunction } from "../kubernetes/resources";
import { heldImage } from "./commands";
import { refreshOf, stageOf, templateVersionOf } from "./standing";

export type RefreshStanding = (typeof REFRESH_STANDINGS)[number];

/**
 * How far a function is with being built anew by raised templates.
 * @param templateVersion The version that they were raised to
 * @returns Undefined where that is not its matter: it has no image of this platform's, or one that these templates made at once, or later ones
 */
export function refreshStanding(fn: LambdaFunction, templateVersion: number): RefreshStanding | undefined {
  if (fn.metadata.deletionTimestamp !== undefined || fn.spec.source.type === "image") return undefined;
  const version = templateVersionOf(fn);
  if (version === templateVersion) return refreshOf(fn);
  return version < templateVersion && standsStill(fn) ? "past" : undefined;
}

/**
 * What a rollback holds was chosen by somebody, and stays; what failed by itself is its author's to mend. What templates between the two have
 * failed at is tried anew by these.
 */
const standsStill = (fn: LambdaFunction): boolean =>
  heldImage(fn) === undefined &&
  ((stageOf(fn).stage === "built" && fn.status?.phase !== "Failed") || refreshOf(fn) === "failed");

/** How many functions are how far. */
export function countByRefresh(
  functions: Iterable<LambdaFunction>,
  templateVersion: number,
): Record<RefreshStanding, number> {
  const counts = { past: 0, refreshed: 0, failed: 0 };
  for (const fn of functions) {
    const standing = refreshStanding(fn, templateVersion);
    if (standing !== undefined) counts[standing] += 1;
  }
  return counts;
}

/** Whether so many of those that were built anew fail that no more are to be. */
export const isBraked = ({ refreshed, failed }: Record<RefreshStanding, number>): boolean =>
  failed >= REFRESH_BRAKE.failures && failed > REFRESH_BRAKE.share * (failed + refreshed);
