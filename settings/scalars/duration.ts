import { z } from "zod";

/** A duration in Go's notation, which Kaniko, Kubernetes and Knative read: `72h`, `1h30m`, `45s`. */
export type Duration = string;

const SECONDS: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** The length of a duration in seconds, or undefined where the text is none. */
export function durationSeconds(text: string): number | undefined {
  if (text === "0") return 0;
  const part = /(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/gy;
  let total = 0;
  let end = 0;
  for (let match = part.exec(text); match; match = part.exec(text)) {
    total += Number(match[1]) * (SECONDS[match[2] ?? ""] ?? NaN);
    end = part.lastIndex;
  }
  return end > 0 && end === text.length ? total : undefined;
}

/** The length of a duration that a schema has accepted, in seconds. Throws on text that is none. */
export function seconds(duration: Duration): number {
  const value = durationSeconds(duration);
  if (value === undefined) throw new Error(`${JSON.stringify(duration)} is not a duration`);
  return value;
}

/** The days that a duration takes, the last one whole. */
export const wholeDays = (duration: Duration): number => Math.ceil(seconds(duration) / 86_400);

/** Days after which what is of use for a duration is expired by its age: one more, as expiry is not to the hour. */
export const expiryDays = (useful: Duration): number => wholeDays(useful) + 1;

/**
 * A duration in whole hours, minutes and seconds, rounded up: `1.5h` is `1h30m`. Prometheus and Karpenter take no fractions and no
 * unit below a second.
 */
export function wholeDuration(duration: Duration): Duration {
  const total = Math.ceil(seconds(duration));
  const parts = [
    [Math.floor(total / 3600), "h"],
    [Math.floor(total / 60) % 60, "m"],
    [total % 60, "s"],
  ] as const;
  return parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : "")).join("") || "0s";
}

/** A duration in a stack file, at least `minimum` seconds long. */
export const duration = (example: string, minimum = 1) =>
  z
    .string({ error: `is not a duration; write it in quotes as in "${example}"` })
    .transform((value, context): Duration => {
      const length = durationSeconds(value);
      const wrong =
        length === undefined
          ? /^[\d.]+d$/.test(value)
            ? `is not a duration: there is no unit for days; write ${Number.parseFloat(value) * 24}h`
            : `is not a duration; write it as in ${example} (units h, m, s, ms)`
          : length < minimum
            ? `is shorter than ${minimum} s; write it as in ${example}`
            : undefined;
      if (wrong === undefined) return value;
      context.addIssue({ code: "custom", message: wrong });
      return z.NEVER;
    });
