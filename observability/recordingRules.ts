import { BUILD_NAMESPACE, KANIKO_CONTAINER } from "../contract/names";
import {
  compare,
  counter,
  gauge,
  histogramQuantile,
  max,
  maxOverTime,
  quantileOfSeries,
  rate,
  ratio,
  sum,
  type Vector,
} from "./promql";
import type { RuleGroup } from "./rule";
import { errorRatio, SERVICE_LEVEL_NAMES, SERVICE_LEVELS, type ServiceLevelName } from "./serviceLevels";

/** 0 / 0 and the quantile of nothing are NaN: a window without builds records no sample instead of one that means nothing. */
const whereAny = (vector: Vector<never>): Vector<never> => compare(vector, ">=", 0);

/**
 * The figures of SRE-002's targets, one series each, for alerts and whoever else asks for them.
 * An hour holds some 85 builds in production (2,040 a day); shorter windows make a percentile of a handful. Where an hour holds too few, a day is asked.
 */
const TARGET_FIGURES = {
  "platform:build_duration_seconds:p50_1h": whereAny(histogramQuantile(0.5, "build_duration_seconds", "1h")),
  "platform:build_duration_seconds:p95_1h": whereAny(histogramQuantile(0.95, "build_duration_seconds", "1h")),
  "platform:build_duration_seconds:p95_1d": whereAny(histogramQuantile(0.95, "build_duration_seconds", "1d")),
  "platform:function_cold_start_duration_seconds:p95_1h": whereAny(
    histogramQuantile(0.95, "function_cold_start_duration_seconds", "1h"),
  ),
  "platform:function_cold_start_duration_seconds:p95_1d": whereAny(
    histogramQuantile(0.95, "function_cold_start_duration_seconds", "1d"),
  ),
  "platform:kaniko_cache_hits_total:ratio_1h": whereAny(
    ratio(
      sum(rate(counter("kaniko_cache_hits_total"), "1h")),
      sum(rate(counter("kaniko_cache_requests_total"), "1h")),
    ),
  ),
  // The peak of each build of the hour, also of those that have ended, and the 95th percentile of these: one odd build is no trend.
  "platform:build_memory_working_set_bytes:p95_peak_1h": quantileOfSeries(
    0.95,
    max(
      maxOverTime(
        gauge("container_memory_working_set_bytes", {
          namespace: BUILD_NAMESPACE,
          container: KANIKO_CONTAINER,
        }),
        "1h",
      ),
      "pod",
    ),
  ),
} as const satisfies Record<`platform:${string}:${string}`, Vector<never>>;

/** Windows over which a service level's error ratio is recorded: those that its alerts look at. */
const RATIO_WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;
export type RatioWindow = (typeof RATIO_WINDOWS)[number];

type ErrorRatioName = `platform:${ServiceLevelName}:error_ratio_${RatioWindow}`;
export type RecordedName = keyof typeof TARGET_FIGURES | ErrorRatioName;

/** A recorded series, by its name. */
export const recorded = (name: RecordedName): Vector<never> => name;

/** The recorded share of events that broke a service level's promise. */
export const recordedErrorRatio = (level: ServiceLevelName, window: RatioWindow): Vector<never> =>
  recorded(`platform:${level}:error_ratio_${window}`);

export const recordingRules = (): RuleGroup[] => [
  {
    name: "knative-lambda.targets",
    rules: Object.entries(TARGET_FIGURES).map(([record, expr]) => ({ record, expr })),
  },
  ...SERVICE_LEVEL_NAMES.map((level) => ({
    name: `knative-lambda.service-level.${level.replace("_", "-")}`,
    rules: RATIO_WINDOWS.map((window) => ({
      record: recordedErrorRatio(level, window),
      expr: whereAny(errorRatio(SERVICE_LEVELS[level], window)),
    })),
  })),
];
