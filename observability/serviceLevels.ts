import {
  counter,
  increase,
  observations,
  observedUpTo,
  rate,
  ratio,
  rest,
  type Selector,
  sum,
  type Vector,
  type Where,
  type Window,
} from "./promql";
import { TARGETS } from "./targets";

/** Ends of a build that lie with the platform. */
export const PLATFORM_FAULTS = ["platform_error", "timed_out"] as const;
/** What they are a share of: a user's own error or cancellation says nothing of the platform. */
const OF_THE_PLATFORM = ["succeeded", ...PLATFORM_FAULTS] as const;
/** Answers for which a function's own code can't be blamed: an error of its own is a 500. */
const NO_ANSWER = ["502", "503", "504"] as const;

type Counted = Selector<string, "counter">;

/** A promise about events: builds, cold starts, requests. */
export interface ServiceLevel {
  /** For people, in the plural: what the events are. */
  events: string;
  /** What is promised of them. */
  promise: string;
  /** Share of the events that may break the promise: the error budget. Not `1 - 0.99`, which is 0.010000000000000009. */
  budget: number;
  /** Every event that counts. */
  all: Counted;
  /** Those that broke the promise, or those that kept it: what is counted. */
  counted: { broken: Counted } | { kept: Counted };
}

/** Whose events count. */
export interface Scope {
  /** Series of the builder. */
  builder: Where<"builds_total" | "build_duration_seconds" | "function_cold_start_duration_seconds">;
  /** Series of the gateway: `<namespace>/<revision>`. */
  gateway: Where<"envoy_cluster_upstream_rq"> & { envoy_cluster_name: object };
}

/** Everybody's. The gateway's own clusters have no slash. */
const EVERYWHERE: Scope = { builder: {}, gateway: { envoy_cluster_name: { matches: "[^/]+/[^/]+" } } };

/** The service levels: builds' success and duration, cold starts, and functions' availability. */
export const serviceLevels = ({ builder, gateway }: Scope) =>
  ({
    build_success: {
      events: "builds",
      promise: "99 % of builds succeed, those aside that fail by their own source",
      budget: TARGETS.buildFaultRatio,
      all: counter("builds_total", { ...builder, result: OF_THE_PLATFORM }),
      counted: { broken: counter("builds_total", { ...builder, result: PLATFORM_FAULTS }) },
    },
    build_time: {
      events: "builds",
      promise: "95 % of builds that succeed take at most 60 s",
      budget: TARGETS.slowRatio,
      all: observations("build_duration_seconds", builder),
      counted: { kept: observedUpTo("build_duration_seconds", TARGETS.buildP95, builder) },
    },
    cold_start: {
      events: "cold starts",
      promise: "95 % of cold starts take at most 3 s",
      budget: TARGETS.slowRatio,
      all: observations("function_cold_start_duration_seconds", builder),
      counted: { kept: observedUpTo("function_cold_start_duration_seconds", TARGETS.coldStartP95, builder) },
    },
    availability: {
      events: "requests to functions",
      promise: "99.9 % of requests to functions are answered by them",
      budget: TARGETS.requestFaultRatio,
      all: counter("envoy_cluster_upstream_rq", gateway),
      counted: {
        broken: counter("envoy_cluster_upstream_rq", {
          ...gateway,
          envoy_response_code: { matches: NO_ANSWER.join("|") },
        }),
      },
    },
  }) as const satisfies Record<string, ServiceLevel>;

export const SERVICE_LEVELS = serviceLevels(EVERYWHERE);
export type ServiceLevelName = keyof typeof SERVICE_LEVELS;
export const SERVICE_LEVEL_NAMES = Object.keys(SERVICE_LEVELS) as ServiceLevelName[];

/** Share of the events of a window that broke the promise; NaN where there were none. */
export const errorRatio = ({ all, counted }: ServiceLevel, window: Window): Vector<never> =>
  "broken" in counted
    ? ratio(sum(rate(counted.broken, window)), sum(rate(all, window)))
    : rest(ratio(sum(rate(counted.kept, window)), sum(rate(all, window))));

/** Events of a window, whole: increase() extrapolates three of them to 3.02 or 2.97. */
export const eventsIn = ({ all }: ServiceLevel, window: Window): Vector<never> =>
  `round(${sum(increase(all, window))})`;

/** Events of a window that broke the promise. */
export const brokenIn = ({ all, counted }: ServiceLevel, window: Window): Vector<never> =>
  "broken" in counted
    ? `round(${sum(increase(counted.broken, window))})`
    : `round(${sum(increase(all, window))} - ${sum(increase(counted.kept, window))})`;
