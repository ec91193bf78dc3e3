import { multiply } from "../settings/scalars";
import type { Settings } from "../settings/schema";
import { type Bound, type BoundId, putImageBound, putsPerColdBuild, slotBounds } from "./bounds";
import { capacityWarnings } from "./capacityWarnings";

export interface Drain {
  builds: number;
  /** Minutes from the first build's start to the last one's end, with nodes up; undefined where nothing can be built. */
  minutes: number | undefined;
  /** The same with no build node up at the start; undefined too on a cluster that exists. */
  minutesFromCold: number | undefined;
  /** What sets the time. */
  boundBy: "slots" | "put-image";
  /** Minutes in which it is asked to be done, and who asks. */
  goal: { minutes: number; source: string };
}

export interface Capacity {
  /** Builds that run at once. */
  atOnce: number;
  /** The bounds that set that number. */
  boundBy: BoundId[];
  perHour: number;
  perHourBoundBy: BoundId[];
  /** Seconds that one build takes: `budget.assumptions.buildSeconds`. */
  buildSeconds: number;
  bounds: Bound[];
  drains: Drain[];
  /** Where `kanikoJobLimit` can't be reached, and what to raise to what. */
  warnings: string[];
  /** What the figures leave out. */
  notes: string[];
}

/** Seconds until a new node takes pods: 30 to 70 s have been measured; the upper end. */
const NODE_START_SECONDS = 70;
/** SRE-002's load test, and the spike that its capacity story asks to be drained. */
const GOALS = [
  { builds: 100, goal: { minutes: 3, source: "SRE-002" } },
  { builds: 300, goal: { minutes: 8, source: "capacity story" } },
] as const;

/** How many builds run at once and by the hour, and what bounds them. */
export function capacity(settings: Settings): Capacity {
  const { buildSeconds } = settings.budget.assumptions;
  const slots = slotBounds(settings);
  const atOnce = Math.min(...slots.map((bound) => bound.atOnce ?? Infinity));
  const bounds: Bound[] = [...slots, putImageBound(settings)];
  const perHour = Math.min(...bounds.map((bound) => bound.perHour ?? Infinity));
  return {
    atOnce,
    boundBy: binding(slots.filter((bound) => bound.atOnce === atOnce)),
    perHour: Math.floor(perHour),
    perHourBoundBy: binding(bounds.filter((bound) => bound.perHour === perHour)),
    buildSeconds,
    bounds,
    drains: GOALS.map(({ builds, goal }) => ({ ...drain(settings, builds, atOnce), goal })),
    warnings: capacityWarnings(settings, bounds),
    notes: notes(settings),
  };
}

/** The bounds to name. The queue's quotas are made of the job limit: where it binds, they bind with it and say nothing more. */
function binding(bounds: readonly Bound[]): BoundId[] {
  const ids = bounds.map(({ id }) => id);
  return ids.includes("job-limit") ? ids.filter((id) => !id.startsWith("queue-")) : ids;
}

function drain(settings: Settings, builds: number, atOnce: number): Omit<Drain, "goal"> {
  const waves = Math.ceil(builds / atOnce) * settings.budget.assumptions.buildSeconds;
  const pushes =
    settings.target === "cluster"
      ? 0
      : (builds * putsPerColdBuild(settings.builderService.kaniko)) / settings.quotas.ecrPutImagePerSecond;
  const seconds = Math.max(waves, pushes);
  const minutes = (length: number): number | undefined =>
    Number.isFinite(length) ? Math.round(length / 6) / 10 : undefined;
  return {
    builds,
    minutes: minutes(seconds),
    minutesFromCold:
      settings.target === "cluster" ? undefined : minutes(Math.max(waves + NODE_START_SECONDS, pushes)),
    boundBy: pushes > waves ? "put-image" : "slots",
  };
}

function notes(settings: Settings): string[] {
  const { buildSeconds } = settings.budget.assumptions;
  const { requests } = settings.builderService.kaniko.resources;
  const { kanikoJobLimit } = settings.builderService;
  const common = [
    `${kanikoJobLimit} builds at ${requests.cpu} CPU and ${requests.memory} need ${multiply(requests.cpu, kanikoJobLimit)} CPU and ${multiply(requests.memory, kanikoJobLimit)}.`,
    `A build is taken to last ${buildSeconds} s (budget.assumptions.buildSeconds), however many run.`,
  ];
  return settings.target === "cluster"
    ? [
        ...common,
        "The nodes of the cluster and the limits of its registry are not known here: fewer builds may run at once.",
      ]
    : [
        ...common,
        "A node is counted without what its own system takes: cores by kubelet's reserve, 7.5 % of the memory, 255 Mi, 11 Mi a pod and 100 Mi, and 10 % of the disk.",
        `A build node that must start first adds 30 to ${NODE_START_SECONDS} s.`,
        `A cold build puts ${putsPerColdBuild(settings.builderService.kaniko)} images: its new cached layers and itself. One that hits the cache puts fewer.`,
      ];
}
