import type { ScaleReport } from "./report";
import { shown, TARGETS } from "./targets";

const separated = (count: number): string => count.toLocaleString("en-US");

/** The page about the report, as `docs/reports/README.md` has it. */
export function page(report: ScaleReport): string {
  const { machine, n, idleSeconds, date, commit, sizes } = report;
  const rows = TARGETS.map(({ what, functions, unit, most, read }) => {
    const figure = read(report);
    const measured =
      figure === undefined ? "not measured" : `${shown(figure.value)} ${unit} (${figure.spread})`;
    return `| ${separated(functions)} | ${what} | ${most} ${unit} | ${measured} |`;
  });
  const loads = sizes.map(({ figures }) => figures.load);
  return [
    "# Reports",
    "",
    "Made by `npm run bench:builder` from `builder-scale.json`; don't edit.",
    "",
    "## Scale of one builder",
    "",
    "| Ready functions | What | At most | Measured: median (least to most) |",
    "| --: | --- | --: | --: |",
    ...rows,
    "",
    `${n} runs of each size, on ${date.slice(0, 10)}, of commit ${commit.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node.js ${machine.node}. The machine had other work:`,
    `its load was ${Math.min(...loads.map(({ least }) => least)).toFixed(1)} to ${Math.max(...loads.map(({ most }) => most)).toFixed(1)}. CPU is time that the process used, which the load hardly changes; the start and the events are by the clock.`,
    "",
    "The builder is the bundle that the image holds, started as the image starts it. The API server is a stand-in in a process of its own, over plain HTTP on the",
    "loopback, with objects of about 6 kB: each function with its Knative Service, one in ten with a pod that serves, one in a hundred with a",
    `build that ended within the hour. Idle is ${idleSeconds} s, from when the start's work is done, with the kubelet's probes and a scrape of \`/metrics\` every 15 s. The`,
    "events make 100 functions, sent at once; sender, stand-in and builder share the cores, and the builds that they begin are begun meanwhile.",
    "",
  ].join("\n");
}
