/**
 * The oldest Kubernetes version that is in EKS's standard support.
 * Source: EKS's release calendar as of 2026-11; extended support costs $0.50 more an hour.
 */
export const OLDEST_STANDARD_SUPPORT = "1.35";

/** The oldest Kubernetes version on which a release of Knative Serving starts. Source: knative.dev/pkg's `version.go` at each release. */
export const KNATIVE_NEEDS: Readonly<Record<string, string>> = { "1.22": "1.34", "1.23": "1.34" };

/** Negative where `a` is the older of two `major.minor` versions, 0 where they are the same. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}
