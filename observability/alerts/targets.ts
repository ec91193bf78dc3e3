import { and, compare, counter, gauge, increase, max, or, sum, type Vector } from "../promql";
import { recorded, type RecordedName } from "../recordingRules";
import type { AlertingRule } from "../rule";
import { brokenIn, eventsIn, SERVICE_LEVELS, type ServiceLevelName } from "../serviceLevels";
import { TARGETS } from "../targets";
import { alert } from "./alert";
import { fewButBroken } from "./budgets";

/** A 95th percentile of fewer is the slowest alone. */
const FEWEST = 20;

/** A percentile above its target: over the hour where that holds enough of them, else over the day where that does and it still goes on. */
function percentileAbove(
  level: ServiceLevelName,
  hour: RecordedName,
  day: RecordedName,
  target: number,
): Vector<never> {
  const events = (window: "1h" | "1d") => eventsIn(SERVICE_LEVELS[level], window);
  const few = and(
    and(compare(events("1d"), ">=", FEWEST), compare(events("1h"), "<", FEWEST)),
    compare(brokenIn(SERVICE_LEVELS[level], "1h"), ">=", 1),
  );
  return or(
    and(compare(recorded(hour), ">", target), compare(events("1h"), ">=", FEWEST)),
    and(compare(recorded(day), ">", target), few),
  );
}

/** Alerts on SRE-002's targets for builds. */
export const buildAlerts = (runbooks: string): AlertingRule[] => [
  alert(
    "BuildSlow",
    {
      expr: percentileAbove(
        "build_time",
        "platform:build_duration_seconds:p95_1h",
        "platform:build_duration_seconds:p95_1d",
        TARGETS.buildP95,
      ),
      for: "10m",
      severity: "warning",
      summary: "95th percentile of builds is {{ $value | humanizeDuration }}; the target is 60s.",
      description:
        "Over the last hour, or the last day where the hour had few, one build in twenty took longer than this, from its admission to its digest verified. The wait in the queue is not in it.",
      runbook: "build-slow",
    },
    runbooks,
  ),
  alert(
    "BuildsFailing",
    {
      expr: fewButBroken("build_success"),
      for: "5m",
      severity: "critical",
      summary: "{{ $value | humanize }} of the last hour's few builds failed on the platform's account.",
      description:
        "At least three builds of the last hour failed for a reason that lies with the platform, or ran into their timeout; builds that their own source fails are not counted. There are too few builds for the error budget's alerts to speak.",
      runbook: "builds-failing",
    },
    runbooks,
  ),
  alert(
    "CacheHitRateLow",
    {
      expr: and(
        compare(recorded("platform:kaniko_cache_hits_total:ratio_1h"), "<", TARGETS.cacheHitRatio),
        compare(`round(${sum(increase(counter("kaniko_cache_requests_total"), "1h"))})`, ">=", 100),
      ),
      for: "30m",
      severity: "warning",
      summary:
        "{{ $value | humanizePercentage }} of cacheable instructions come from Kaniko's cache; the target is 70%.",
      description:
        "Counted over all cacheable instructions of the last hour's builds, also those that Kaniko did not look up after a first miss. Builds take longer and push more to the registry.",
      runbook: "cache-hit-rate-low",
    },
    runbooks,
  ),
  alert(
    "BuildMemoryHigh",
    {
      expr: compare(
        recorded("platform:build_memory_working_set_bytes:p95_peak_1h"),
        ">",
        TARGETS.buildMemory,
      ),
      for: "15m",
      severity: "warning",
      summary:
        "95th percentile of builds' peak memory is {{ $value | humanize1024 }}B; the target is 1.5GiB.",
      description:
        "Peak working set of the container kaniko over the last hour's builds. Toward the memory limit builds are killed; fewer fit on a node.",
      runbook: "build-memory-high",
    },
    runbooks,
  ),
];

/** Alerts on SRE-002's targets for functions, and on whether they answer. */
export const functionAlerts = (runbooks: string): AlertingRule[] => [
  alert(
    "ColdStartSlow",
    {
      expr: percentileAbove(
        "cold_start",
        "platform:function_cold_start_duration_seconds:p95_1h",
        "platform:function_cold_start_duration_seconds:p95_1d",
        TARGETS.coldStartP95,
      ),
      for: "10m",
      severity: "warning",
      summary: "95th percentile of cold starts is {{ $value | humanizeDuration }}; the target is 3s.",
      description:
        "Over the last hour, or the last day where the hour had few, one cold start in twenty took longer than this, from the first pod's appearance to its being ready. Callers of functions at zero wait that long.",
      runbook: "cold-start-slow",
    },
    runbooks,
  ),
  alert(
    "FunctionsUnavailable",
    {
      expr: fewButBroken("availability"),
      for: "5m",
      severity: "critical",
      summary:
        "{{ $value | humanize }} of the last hour's few requests to functions got no answer of theirs.",
      description:
        "At least three requests of the last hour were answered 502, 503 or 504: no pod of the function was there, or none answered in time. An error of the function's own is a 500 and not counted. There are too few requests for the error budget's alerts to speak.",
      runbook: "functions-unavailable",
    },
    runbooks,
  ),
  alert(
    "ImageLarge",
    {
      expr: compare(
        max(gauge("function_image_size_bytes"), "function_namespace", "function"),
        ">",
        TARGETS.imageSize,
      ),
      for: "15m",
      severity: "info",
      summary:
        "The image of {{ $labels.function_namespace }}/{{ $labels.function }} has {{ $value | humanize }}B; the target is 400MB.",
      description:
        "Unpacked size of the image that the function runs. It is pulled at every cold start on a new node.",
      runbook: "image-large",
    },
    runbooks,
  ),
];
