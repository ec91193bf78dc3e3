import { amount } from "../../settings/scalars";
import type { DashboardArgs } from "../dashboardArgs";
import { avg, counter, gauge, irate, max, quantileOfSeries, sum } from "../promql";
import { lines, type Row, timeseries } from "../panels";
import { TARGETS } from "../targets";
import { ofBuild } from "../variables";

const LIMIT = "red";
const REQUEST = "yellow";
const TARGET = "orange";

/** What builds use of what they are given. */
export function resourcesRow({ kaniko: { requests, limits } }: Pick<DashboardArgs, "kaniko">): Row {
  // Between two samples and not over a window: a window that is longer than the build counts idle time in.
  const cpuOfBuild = sum(irate(counter("container_cpu_usage_seconds_total", ofBuild), "2m"), "pod");
  const memoryOfBuild = max(gauge("container_memory_working_set_bytes", ofBuild), "pod");
  return {
    title: "Resources",
    panels: [
      timeseries({
        id: 5,
        title: "Resource utilization: CPU of builds",
        description: `Cores that a running build uses. Lines: request ${requests.cpu} (yellow), limit ${limits.cpu} (red). Good: the average near the request. Builds at the limit are throttled and would gain from more; builds far below the request hold quota that others could use.`,
        unit: "suffix: cores",
        width: 12,
        reachesTo: amount(limits.cpu),
        queries: [
          { legend: "busiest build", expr: max(cpuOfBuild) },
          { legend: "average build", expr: avg(cpuOfBuild) },
        ],
        thresholds: lines(
          { value: amount(requests.cpu), color: REQUEST },
          { value: amount(limits.cpu), color: LIMIT },
        ),
      }),
      timeseries({
        id: 15,
        title: "Resource utilization: memory of builds",
        description: `Working set of running builds, files in active use included. Lines: SRE-002's target 1.5Gi (orange), request ${requests.memory} (yellow), limit ${limits.memory} (red), at which a build is killed. Good: p95 below the target. A peak between two samples is not seen.`,
        runbook: "build-memory-high",
        unit: "bytes",
        width: 12,
        reachesTo: amount(limits.memory),
        queries: [
          { legend: "largest build", expr: max(memoryOfBuild) },
          { legend: "p95 of running builds", expr: quantileOfSeries(0.95, memoryOfBuild) },
        ],
        thresholds: lines(
          { value: TARGETS.buildMemory, color: TARGET },
          { value: amount(requests.memory), color: REQUEST },
          { value: amount(limits.memory), color: LIMIT },
        ),
      }),
    ],
  };
}
