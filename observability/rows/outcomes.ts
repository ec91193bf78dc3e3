import { counter, increase, sum } from "../promql";
import { type Row, timeseries } from "../panels";
import { inNamespace } from "../variables";

const ended = increase(counter("builds_total", inNamespace), "$window");

/** How builds end, and how images came about. */
export const outcomesRow = (): Row => ({
  title: "Outcomes of builds",
  panels: [
    timeseries({
      id: 31,
      title: "Builds by result",
      description:
        "Builds that ended in the window. `user_error` is the function's own source or Dockerfile; `platform_error`, after its retries, and `timed_out` lie with the platform. Good: none of those two. `$window` is 5m unless chosen otherwise.",
      runbook: "builds-failing",
      unit: "short",
      width: 12,
      stacked: true,
      queries: [{ legend: "{{result}}", expr: sum(ended, "result") }],
    }),
    timeseries({
      id: 32,
      title: "Builds by strategy",
      description:
        "How images came about: `reuse` found one of the same source and built nothing, `append` laid the code over known dependencies, `kaniko` built. Good: kaniko only where dependencies are new.",
      unit: "short",
      width: 12,
      stacked: true,
      queries: [{ legend: "{{strategy}}", expr: sum(ended, "strategy") }],
    }),
  ],
});
