import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestCounts } from "./apiServer";
import { BuilderProcess } from "./builderProcess";
import { sendEvents } from "./events";

/** What one run measured. */
export interface Run {
  /** From the start of the process to `/readyz` answering 200, in seconds. */
  startSeconds: number;
  /** Once it had settled, in MiB. */
  residentMiB: number;
  /** The most until then, start-up included, in MiB. */
  peakMiB: number;
  /** CPU time over time, in percent of one core. */
  idleCpuPercent: number;
  /** Requests to the API server a second while idle, watches included. */
  idleRequestsPerSecond: number;
  /** Writes while idle, Leases left out: of Ready functions there are none. */
  idleWrites: number;
  /** From the first of the events to the last 202, in seconds. */
  eventsSeconds: number;
  /** Mean load of the machine in the minute before. */
  load: number;
}

export interface RunArgs {
  bundle: string;
  functions: number;
  /** How long idle CPU is counted. */
  idleSeconds: number;
  events: number;
  flags?: readonly string[];
}

const SETTLED = { windowMs: 5_000, windows: 3, cpuPercent: 15, mostMs: 300_000 };

/** Starts a builder beside so many Ready functions, measures it, and ends it. */
export async function run({ bundle, functions, idleSeconds, events, flags = [] }: RunArgs): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const standIn = await startStandIn(functions);
  let builder: BuilderProcess | undefined;
  try {
    builder = BuilderProcess.start(folder, bundle, standIn.host, flags);
    const startSeconds = await builder.ready();
    await settled(builder);
    const before = { ...builder.use, requests: await standIn.requests(), at: performance.now() };
    await idle(builder, idleSeconds);
    const after = { ...builder.use, requests: await standIn.requests(), at: performance.now() };
    const seconds = (after.at - before.at) / 1000;
    const asked = difference(before.requests, after.requests);
    return {
      startSeconds,
      residentMiB: after.residentMiB,
      peakMiB: after.peakMiB,
      idleCpuPercent: (100 * (after.cpuSeconds - before.cpuSeconds)) / seconds,
      idleRequestsPerSecond: sum(asked, () => true) / seconds,
      idleWrites: sum(asked, (what) => !/^(GET|WATCH) | leases$/.test(what)),
      eventsSeconds: await sendEvents(`http://${builder.at("http")}/events`, events),
      load: loadavg()[0] ?? Number.NaN,
    };
  } finally {
    await builder?.stop();
    standIn.child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until what a start sets off is done: CPU time is low for a while. */
async function settled(builder: BuilderProcess): Promise<void> {
  const until = performance.now() + SETTLED.mostMs;
  for (let quiet = 0; quiet < SETTLED.windows;) {
    if (performance.now() > until) throw new Error("the builder does not settle");
    const before = builder.use.cpuSeconds;
    await sleep(SETTLED.windowMs);
    const percent = (100_000 * (builder.use.cpuSeconds - before)) / SETTLED.windowMs;
    quiet = percent < SETTLED.cpuPercent ? quiet + 1 : 0;
  }
}

/** Lets time pass as it passes in a cluster: with the kubelet's probes (components/builder/deployment.ts) and Prometheus' scrapes (components/builder.ts). */
async function idle(builder: BuilderProcess, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    const next = sleep(1_000);
    if (second % 5 === 0) await builder.ask("/readyz");
    if (second % 10 === 0) await builder.ask("/livez");
    if (second % 15 === 0) await builder.ask("/metrics");
    await next;
  }
}

interface StandIn {
  child: ChildProcess;
  host: string;
  requests: () => Promise<RequestCounts>;
}

async function startStandIn(functions: number): Promise<StandIn> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(__dirname, "standIn.ts"), String(functions)],
    {
      // It ends with its standard input: none is left behind by a bench that is interrupted.
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const host = `127.0.0.1:${port}`;
  return {
    child,
    host,
    requests: async () => (await (await fetch(`http://${host}/requests`)).json()) as RequestCounts,
  };
}

const difference = (before: RequestCounts, after: RequestCounts): RequestCounts =>
  Object.fromEntries(Object.entries(after).map(([what, count]) => [what, count - (before[what] ?? 0)]));

const sum = (counts: RequestCounts, which: (what: string) => boolean): number =>
  Object.entries(counts).reduce((total, [what, count]) => total + (which(what) ? count : 0), 0);
