/** What there is in `docs/runbooks/`. */
export const RUNBOOKS = [
  "build-memory-high",
  "build-slow",
  "builder-down",
  "builds-failing",
  "cache-hit-rate-low",
  "cold-start-slow",
  "credential-expiring",
  "functions-unavailable",
  "image-large",
  "job-limit-saturated",
  "metrics-missing",
  "queue-stuck",
  "registry-throttled",
  "templates-fail",
  "watch-silent",
] as const;

export type Runbook = (typeof RUNBOOKS)[number];

/**
 * Where a runbook is read.
 * @param base Address below which `docs/runbooks` is served, as `https://git.example/platform/blob/main`; "" where there is none
 * @returns An address, or without a base the path in this repository
 */
export const runbookAddress = (runbook: Runbook, base: string): string =>
  `${base === "" ? "" : `${base.replace(/\/+$/, "")}/`}docs/runbooks/${runbook}.md`;
