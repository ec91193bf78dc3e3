import type { Strategy } from "../../contract/function/status";

/** What a decision is made from. */
export interface Observed {
  /** Digest that the namespace's repository has under the build's tag now; undefined where it has no such image. */
  imageDigest: string | undefined;
}

export type BuildDecision =
  { strategy: Extract<Strategy, "reuse">; digest: string } | { strategy: Extract<Strategy, "kaniko"> };

/** A strategy's answer, or undefined where it can't build this. */
type Consideration = (observed: Observed) => BuildDecision | undefined;

const reuse: Consideration = ({ imageDigest }) =>
  imageDigest === undefined ? undefined : { strategy: "reuse", digest: imageDigest };

const kaniko = (): BuildDecision => ({ strategy: "kaniko" });

/** Cheapest first; Kaniko, which builds anything, comes after them. */
const CONSIDERATIONS: readonly Consideration[] = [reuse];

/**
 * How an image comes about. Forced and aged builds have a tag of their own, so that an image under the tag is always one to take: a
 * forced build, too, is run once.
 */
export function decide(observed: Observed): BuildDecision {
  for (const consider of CONSIDERATIONS) {
    const decision = consider(observed);
    if (decision) return decision;
  }
  return kaniko();
}
