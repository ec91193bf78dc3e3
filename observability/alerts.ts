import { counter, gauge, increase, max, observations, sum, type Vector } from "./promql";
import { PLATFORM_FAULTS, recorded } from "./recordingRules";
import type { AlertingRule, RuleGroup, Severity } from "./rule";
import { TARGETS } from "./targets";

interface AlertArgs {
  expr: Vector<string>;
  for: string;
  severity: Severity;
  /** One line with the value. */
  summary: string;
  /** What it means and for whom. */
  description: string;
}

/** An alert, whose runbook is `docs/runbooks/<name in kebab case>.md`. */
function alert(name: string, { severity, summary, description, ...rule }: AlertArgs): AlertingRule {
  const runbook = name.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return {
    alert: `KnativeLambda${name}`,
    ...rule,
    labels: { severity },
    annotations: { summary, description, runbook_url: `docs/runbooks/${runbook}.md` },
  };
}

/** The left side, where the right side has a value too: how few observations an alert may rest on. */
const and = (alerting: string, enough: string): Vector<never> => `${alerting} and ${enough}`;

/** Observations in the last hour, whole: increase() extrapolates three of them to 3.02 or 2.97. */
const inTheHour = (vector: Vector<never>) => `round(${vector})`;

const buildTime = alert("BuildSlow", {
  expr: and(
    `${recorded("platform:build_duration_seconds:p95_1h")} > ${TARGETS.buildP95}`,
    // A percentile of fewer is the slowest build alone.
    `${inTheHour(sum(increase(observations("build_duration_seconds"), "1h")))} >= 20`,
  ),
  for: "10m",
  severity: "warning",
  summary: "95th percentile of builds is {{ $value | humanizeDuration }}; the target is 60s.",
  description:
    "Over the last hour one build in twenty took longer than this, from its admission to its digest verified. The wait in the queue is not in it.",
});

const buildSuccess = alert("BuildsFailing", {
  expr: and(
    `${recorded("platform:builds_total:fault_ratio_1h")} > ${TARGETS.buildFaultRatio}`,
    `${inTheHour(sum(increase(counter("builds_total", { result: PLATFORM_FAULTS }), "1h")))} >= 3`,
  ),
  for: "5m",
  severity: "critical",
  summary: "{{ $value | humanizePercentage }} of builds fail; at most 1% may.",
  description:
    "At least three builds of the last hour failed for a reason that lies with the platform, or ran into their timeout. Builds that their own source fails are not counted.",
});

const coldStart = alert("ColdStartSlow", {
  expr: and(
    `${recorded("platform:function_cold_start_duration_seconds:p95_1h")} > ${TARGETS.coldStartP95}`,
    `${inTheHour(sum(increase(observations("function_cold_start_duration_seconds"), "1h")))} >= 20`,
  ),
  for: "10m",
  severity: "warning",
  summary: "95th percentile of cold starts is {{ $value | humanizeDuration }}; the target is 3s.",
  description:
    "Over the last hour one cold start in twenty took longer than this, from the first pod's appearance to its being ready. Callers of functions at zero wait that long.",
});

const cache = alert("CacheHitRateLow", {
  expr: and(
    `${recorded("platform:kaniko_cache_hits_total:ratio_1h")} < ${TARGETS.cacheHitRatio}`,
    `${inTheHour(sum(increase(counter("kaniko_cache_requests_total"), "1h")))} >= 100`,
  ),
  for: "30m",
  severity: "warning",
  summary:
    "{{ $value | humanizePercentage }} of cacheable instructions come from Kaniko's cache; the target is 70%.",
  description:
    "Counted over all cacheable instructions of the last hour's builds, also those that Kaniko did not look up after a first miss. Builds take longer and push more to the registry.",
});

const memory = alert("BuildMemoryHigh", {
  expr: `${recorded("platform:build_memory_working_set_bytes:p95_peak_1h")} > ${TARGETS.buildMemory}`,
  for: "15m",
  severity: "warning",
  summary: "95th percentile of builds' peak memory is {{ $value | humanize1024 }}B; the target is 1.5GiB.",
  description:
    "Peak working set of the container kaniko over the last hour's builds. Toward the memory limit builds are killed; fewer fit on a node.",
});

const imageSize = alert("ImageLarge", {
  expr: `${max(gauge("function_image_size_bytes"), "function_namespace", "function")} > ${TARGETS.imageSize}`,
  for: "15m",
  severity: "info",
  summary:
    "The image of {{ $labels.function_namespace }}/{{ $labels.function }} has {{ $value | humanize }}B; the target is 400MB.",
  description:
    "Unpacked size of the image that the function runs. It is pulled at every cold start on a new node.",
});

/** Alerts on SRE-002's targets. None has anything to compare on an idle system, and none turns missing data into a value. */
export const alerts = (): RuleGroup[] => [
  { name: "knative-lambda.builds", rules: [buildTime, buildSuccess, cache, memory] },
  { name: "knative-lambda.functions", rules: [coldStart, imageSize] },
];
