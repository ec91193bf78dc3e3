import type { Firing, Samples } from "./promtool";
import {
  admitted,
  builds,
  builtAnew,
  buildTimes,
  cache,
  coldStarts,
  during,
  ends,
  image,
  memory,
  queued,
  quota,
  replicas,
  requests,
  rising,
  risingAt,
  running,
  silence,
  throttled,
  up,
} from "./scenarios";

/** A fault on which an alert fires, and when it has stopped. */
interface Fault extends Firing {
  samples: Samples;
  /** @default 80m */
  fires?: string;
  /** At the latest. */
  resolved: string;
  /** Others that fire on it, and rightly so. */
  also?: readonly string[];
}

export interface AlertCase {
  faults: Record<string, Fault>;
  /** What it is not for. */
  silent: Record<string, Samples>;
}

const GB = 1024 ** 3;
/** Of what is wrong for 90 minutes. */
const resolved = "260m";
const DAY_AND_MORE = 28 * 60;
const slowly = { fires: "1680m", resolved: "2160m" } as const;
const budgetAlso = (level: string) => [
  `KnativeLambda${level}BudgetBurnsFast`,
  `KnativeLambda${level}BudgetBurnsSlowly`,
];
const promises = {
  builds:
    "of builds break the promise that 99 % of builds succeed, those aside that fail by their own source.",
  times: "of builds break the promise that 95 % of builds that succeed take at most 60 s.",
  starts: "of cold starts break the promise that 95 % of cold starts take at most 3 s.",
  requests:
    "of requests to functions break the promise that 99.9 % of requests to functions are answered by them.",
};

export const CASES: Record<string, AlertCase> = {
  KnativeLambdaBuildSlow: {
    faults: {
      "an hour of slow builds": {
        samples: buildTimes(0, 1, 90),
        summary: "95th percentile of builds is 1m 28s; the target is 60s.",
        resolved: "260m",
        also: budgetAlso("BuildTime"),
      },
      "a day with few builds an hour": {
        samples: buildTimes(0.1, 0.1, DAY_AND_MORE),
        summary: "95th percentile of builds is 1m 27s; the target is 60s.",
        fires: "1200m",
        resolved: "1920m",
        also: budgetAlso("BuildTime"),
      },
    },
    silent: {
      "builds within the target": buildTimes(1, 0),
      "a few slow builds": buildTimes(0, 0.2, 60),
    },
  },
  KnativeLambdaBuildsFailing: {
    faults: {
      "three faults among few builds": {
        samples: { ...builds("succeeded", rising(0.1)), ...builds("platform_error", risingAt(31, 41, 51)) },
        summary: "3 of the last hour's few builds failed on the platform's account.",
        resolved: "160m",
      },
    },
    silent: {
      "users' own errors": {
        ...builds("succeeded", rising(0.1)),
        ...builds("platform_error", rising(0)),
        ...builds("user_error", rising(5)),
      },
      "two faults": { ...builds("succeeded", rising(0.1)), ...builds("platform_error", risingAt(31, 41)) },
      "faults among many builds, of which the error budget tells": {
        ...builds("succeeded", rising(20)),
        ...builds("timed_out", rising(0.1)),
      },
    },
  },
  KnativeLambdaBuildSuccessBudgetBurnsFast: {
    faults: {
      "a fifth of the builds": {
        samples: { ...builds("succeeded", rising(1)), ...builds("platform_error", rising(0.25, 90)) },
        summary: `20% ${promises.builds}`,
        resolved,
        also: ["KnativeLambdaBuildSuccessBudgetBurnsSlowly"],
      },
      "a twelfth of the builds for hours": {
        samples: { ...builds("succeeded", rising(1.1)), ...builds("timed_out", rising(0.1, 600)) },
        fires: "480m",
        summary: `8.333% ${promises.builds}`,
        resolved: "960m",
        also: ["KnativeLambdaBuildSuccessBudgetBurnsSlowly"],
      },
    },
    silent: {
      "faults that are over": {
        ...builds("succeeded", rising(1)),
        ...builds("platform_error", risingAt(11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24)),
      },
      "too few builds to tell": {
        ...builds("succeeded", rising(0.1)),
        ...builds("platform_error", rising(0.1)),
      },
      "users' own errors": { ...builds("succeeded", rising(1)), ...builds("user_error", rising(5)) },
    },
  },
  KnativeLambdaBuildSuccessBudgetBurnsSlowly: {
    faults: {
      "one build in 29 for a day": {
        samples: {
          ...builds("succeeded", rising(1)),
          ...builds("platform_error", rising(0.03625, DAY_AND_MORE)),
        },
        ...slowly,
        summary: `3.498% ${promises.builds}`,
      },
    },
    silent: {
      "less than the budget": { ...builds("succeeded", rising(1)), ...builds("timed_out", rising(0.009)) },
    },
  },
  KnativeLambdaBuildTimeBudgetBurnsFast: {
    faults: {
      "four slow builds in five": {
        samples: buildTimes(0.2, 0.8, 90),
        summary: `80% ${promises.times}`,
        resolved,
        also: ["KnativeLambdaBuildSlow", "KnativeLambdaBuildTimeBudgetBurnsSlowly"],
      },
    },
    silent: { "one slow build in twenty": buildTimes(0.95, 0.05) },
  },
  KnativeLambdaBuildTimeBudgetBurnsSlowly: {
    faults: {
      "one slow build in five for a day": {
        samples: buildTimes(0.8, 0.2, DAY_AND_MORE),
        ...slowly,
        resolved: "2400m",
        summary: `20% ${promises.times}`,
        also: ["KnativeLambdaBuildSlow"],
      },
    },
    silent: { "one slow build in twenty-five": buildTimes(0.96, 0.04) },
  },
  KnativeLambdaCacheHitRateLow: {
    faults: {
      "one hit in two": {
        samples: cache(2, 4, 90),
        summary: "50% of cacheable instructions come from Kaniko's cache; the target is 70%.",
        resolved,
      },
    },
    silent: { "SRE-002's 75 %": cache(3, 4), "too few instructions to tell": cache(0, 1) },
  },
  KnativeLambdaBuildMemoryHigh: {
    faults: {
      "builds of 2 GiB": {
        samples: { ...memory("build-a-1-aaaaa", 2 * GB), ...memory("build-b-1-aaaaa", GB) },
        summary: "95th percentile of builds' peak memory is 1.95GiB; the target is 1.5GiB.",
        resolved,
      },
    },
    silent: {
      "memory of something else": {
        'container_memory_working_set_bytes{namespace="knative-lambda",container="user-container",pod="f"}':
          "4e9x90",
      },
    },
  },
  KnativeLambdaColdStartSlow: {
    faults: {
      "an hour of slow starts": {
        samples: coldStarts(0, 1, 90),
        summary: "95th percentile of cold starts is 3.95s; the target is 3s.",
        resolved: "260m",
        also: budgetAlso("ColdStart"),
      },
      "a day with few starts an hour": {
        samples: coldStarts(0.1, 0.1, DAY_AND_MORE),
        summary: "95th percentile of cold starts is 3.9s; the target is 3s.",
        fires: "1200m",
        resolved: "1920m",
        also: budgetAlso("ColdStart"),
      },
    },
    silent: { "a few slow ones": coldStarts(0, 0.2, 60), "starts within the target": coldStarts(1, 0) },
  },
  KnativeLambdaColdStartBudgetBurnsFast: {
    faults: {
      "four slow starts in five": {
        samples: coldStarts(0.2, 0.8, 90),
        summary: `80% ${promises.starts}`,
        resolved,
        also: ["KnativeLambdaColdStartSlow", "KnativeLambdaColdStartBudgetBurnsSlowly"],
      },
    },
    silent: { "one slow start in twenty": coldStarts(0.95, 0.05) },
  },
  KnativeLambdaColdStartBudgetBurnsSlowly: {
    faults: {
      "one slow start in five for a day": {
        samples: coldStarts(0.8, 0.2, DAY_AND_MORE),
        ...slowly,
        resolved: "2400m",
        summary: `20% ${promises.starts}`,
        also: ["KnativeLambdaColdStartSlow"],
      },
    },
    silent: { "one slow start in twenty-five": coldStarts(0.96, 0.04) },
  },
  KnativeLambdaFunctionsUnavailable: {
    faults: {
      "three requests of few": {
        samples: { ...requests("200", rising(1)), ...requests("503", risingAt(31, 41, 51)) },
        summary: "3 of the last hour's few requests to functions got no answer of theirs.",
        resolved: "160m",
      },
    },
    silent: {
      "functions' own errors": {
        ...requests("200", rising(1)),
        ...requests("503", rising(0)),
        ...requests("500", rising(1)),
      },
      "the gateway's own clusters": {
        ...requests("200", rising(1)),
        ...requests("503", rising(1), "service_stats"),
      },
    },
  },
  KnativeLambdaAvailabilityBudgetBurnsFast: {
    faults: {
      "one request in 21": {
        samples: { ...requests("200", rising(20)), ...requests("503", rising(1, 90)) },
        summary: `4.762% ${promises.requests}`,
        resolved,
        also: ["KnativeLambdaAvailabilityBudgetBurnsSlowly"],
      },
    },
    silent: {
      "functions' own errors": { ...requests("200", rising(20)), ...requests("500", rising(20)) },
      "too few requests to tell": { ...requests("200", rising(1)), ...requests("504", rising(0.1)) },
    },
  },
  KnativeLambdaAvailabilityBudgetBurnsSlowly: {
    faults: {
      "four requests in a thousand for a day": {
        samples: {
          ...requests("200", rising(19.92)),
          ...requests("502", rising(0.08, DAY_AND_MORE)),
        },
        ...slowly,
        summary: `0.4% ${promises.requests}`,
      },
    },
    silent: {
      "less than the budget": { ...requests("200", rising(20)), ...requests("504", rising(0.018)) },
    },
  },
  KnativeLambdaImageLarge: {
    faults: {
      "an image of 450 MB": {
        samples: image(during(90, 450e6, 300e6)),
        labels: { function_namespace: "a", function: "parser" },
        summary: "The image of a/parser has 450MB; the target is 400MB.",
        resolved: "100m",
      },
    },
    silent: { "exactly 400 MB": image("400e6x90") },
  },
  KnativeLambdaQueueStuck: {
    faults: {
      "builds wait and none runs": {
        samples: { ...queued(during(90, 3, 0)), ...running("0x300") },
        summary: "3 builds wait, and the queue lets none of them in.",
        resolved: "100m",
      },
      "builds wait, an old one runs on, none is admitted": {
        samples: { ...queued(during(90, 3, 0)), ...running("1x300"), ...admitted("7x300") },
        summary: "3 builds wait, and the queue lets none of them in.",
        resolved: "100m",
      },
    },
    silent: {
      "builds that wait while others are admitted": {
        ...queued("3x300"),
        ...running("1x300"),
        ...admitted(rising(1)),
      },
      "builds that run, and none that waits": {
        ...queued("0x300"),
        ...running("1x300"),
        ...admitted("7x300"),
      },
    },
  },
  KnativeLambdaQueueLong: {
    faults: {
      "600 builds": {
        samples: { ...queued(during(90, 600, 0)), ...running("100x300"), ...admitted(rising(50)) },
        summary: "600 builds wait for their turn; 500 is the most that is expected.",
        resolved: "100m",
      },
    },
    silent: { "500 builds": { ...queued("500x300"), ...running("100x300") } },
  },
  KnativeLambdaJobLimitSaturated: {
    faults: {
      "the limit reached, and builds that wait": {
        samples: {
          ...queued(during(90, 5, 0)),
          ...running("100x300"),
          ...admitted(rising(50)),
          ...quota("pods", "100x300", "100x300"),
          ...quota("cpu", "50x300", "100x300"),
        },
        summary: "100% of the builds' quota is in use, and builds wait.",
        resolved: "100m",
      },
    },
    silent: {
      "the limit reached, and none that waits": {
        ...queued("0x300"),
        ...quota("pods", "100x300", "100x300"),
      },
      "builds that wait for a moment below the limit": {
        ...queued("5x300"),
        ...running("50x300"),
        ...admitted(rising(50)),
        ...quota("pods", "50x300", "100x300"),
      },
    },
  },
  KnativeLambdaRegistryThrottled: {
    faults: {
      "an answer a minute": {
        samples: throttled("builder", rising(1, 90)),
        labels: { seen_by: "builder" },
        summary: "A registry asked for patience 15 times in 15 minutes (seen by: builder).",
        resolved: "120m",
      },
    },
    silent: { "an answer now and then": throttled("build", rising(0.2)) },
  },
  KnativeLambdaBuilderDown: {
    faults: {
      "no replica answers": {
        samples: { ...up("one", during(90, 0, 1)), ...up("two", during(90, 0, 1)) },
        summary: "0 replicas of the builder answer.",
        resolved: "100m",
      },
      "no replica is available, and none is there to be asked": {
        samples: replicas("2x300", during(90, 0, 2)),
        summary: "0 replicas of the builder answer.",
        resolved: "100m",
      },
    },
    silent: {
      "one replica of two": { ...up("one", "0x300"), ...up("two", "1x300"), ...replicas("2x300", "1x300") },
      "a builder that is scaled to nothing": replicas("0x300", "0x300"),
    },
  },
  KnativeLambdaMetricsMissing: {
    faults: {
      "replicas that nobody asks": {
        samples: { ...replicas("2x300", "2x300"), ...up("one", "_x90 1x200") },
        summary: "2 replicas of the builder are available, and Prometheus asks none of them.",
        resolved: "100m",
      },
    },
    silent: {
      "replicas that don't answer": { ...replicas("2x300", "2x300"), ...up("one", "0x300") },
      "a cluster without the builder": {
        'kube_deployment_status_replicas_available{namespace="other",deployment="other"}': "2x300",
      },
    },
  },
  KnativeLambdaWatchSilent: {
    faults: {
      "five minutes without a word": {
        samples: silence("jobs", during(90, 300, 20)),
        labels: { resource: "jobs" },
        summary: "A replica of the builder has heard nothing of jobs for 5m 0s.",
        resolved: "100m",
      },
    },
    silent: { "a quiet watch": silence("jobs", "60x300") },
  },
  KnativeLambdaTemplatesFail: {
    faults: {
      "every third function, until the templates are mended": {
        samples: builtAnew("30x90 0x210", "6x90 39x210", "3x90 0x210"),
        summary: "3 functions failed as the builder's newer templates built them anew.",
        resolved: "100m",
      },
    },
    silent: {
      "one in a hundred, whose dependencies are gone": builtAnew("0x300", "990x300", "10x300"),
      "two that fail of two": builtAnew("30x300", "0x300", "2x300"),
      "a fifth": builtAnew("30x300", "12x300", "3x300"),
    },
  },
  KnativeLambdaCredentialExpiring: {
    faults: {
      "a token that is not renewed": {
        samples: ends("api_server_token", "4000x61 5000x25 50000x200"),
        labels: { credential: "api_server_token" },
        summary: "api_server_token of the builder ends in 3m 20s.",
        resolved: "100m",
      },
      "a certificate that ends in two days": {
        samples: ends("api_server_certificate", during(90, 4_800 + 2 * 86_400, 90 * 86_400)),
        labels: { credential: "api_server_certificate" },
        summary: "api_server_certificate of the builder ends in 2d 0h 0m 0s.",
        resolved: "100m",
      },
    },
    silent: {
      "a token that is renewed when a fifth is left": ends("api_server_token", "3600x47 6480x47 9360x60"),
      "a token of days": ends("api_server_token", "200000x300"),
    },
  },
};
