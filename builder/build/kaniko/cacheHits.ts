import { type CacheableInstruction, type CacheableName, oneLine } from "../dockerfile/instructions";
import type { KanikoFeatures } from "./version";
import type { LogLine } from "./log";

/** How a build used the layer cache, by instruction. */
export interface CacheUse {
  /** Instructions that the cache served. */
  hits: Record<CacheableName, number>;
  /** All instructions that it could have served. Kaniko's log has fewer: after a stage's first miss it says nothing of the rest. */
  requests: Record<CacheableName, number>;
}

const HIT = /^Using caching version of cmd: (.*)$/s;
const ELIMINATED = /^Eliminating stage .*\[idx: '(\d+)'\], all consumers are served from cache/;

const none = (): Record<CacheableName, number> => ({ RUN: 0, COPY: 0, ADD: 0, WORKDIR: 0 });

/**
 * Counts cache hits in a build's log.
 * @param cacheable all cacheable instructions of the build's Dockerfile
 */
export function cacheUse(
  lines: readonly LogLine[],
  cacheable: readonly CacheableInstruction[],
  features: KanikoFeatures,
): CacheUse {
  const considered = cacheable.filter(({ name }) => features.cacheable.includes(name));
  const ours = lines.filter(({ level }) => level === "info");
  // A stage that is left out, as all that needs it comes from the cache, is as good as served.
  const eliminated = new Set(ours.flatMap(({ text }) => ELIMINATED.exec(text)?.[1] ?? []).map(Number));
  const logged = new Map<string, number>();
  for (const { text } of ours) {
    const hit = HIT.exec(text)?.[1];
    if (hit !== undefined) logged.set(oneLine(hit), (logged.get(oneLine(hit)) ?? 0) + 1);
  }
  const use: CacheUse = { hits: none(), requests: none() };
  for (const { name, text, stage } of considered) {
    use.requests[name] += 1;
    const left = logged.get(text) ?? 0;
    // Each line counts once: the same instruction may be in two stages, and a line may be written by two passes over one.
    if (left > 0) logged.set(text, left - 1);
    if (left > 0 || eliminated.has(stage)) use.hits[name] += 1;
  }
  return use;
}

/** All instructions together. */
export const total = (counts: Record<CacheableName, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);
