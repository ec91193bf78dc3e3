/** A level of the Pod Security Standards: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/** Labels by which the API server refuses pods below a level in a namespace. */
export const podSecurity = (level: PodSecurityLevel): Record<string, string> => ({
  "pod-security.kubernetes.io/enforce": level,
});
