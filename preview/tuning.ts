import { z } from "zod";
import { PROJECT, type Settings } from "../settings";
import { valueAt } from "../settings/problems";
import { type Path, pathText, schemaAt } from "../settings/schema";
import { SRE002 } from "./sre002";
import type { StackFile } from "./stackFile";

/** Where an effective value comes from. */
export type Source = "default" | "Pulumi.yaml" | "stack file" | "--set";

/** One setting as it counts. */
export interface TuningRow {
  /** Below `knative-lambda:`, as `builderService.kaniko.cacheTTL`. */
  setting: string;
  /** Null where it is absent and has no default. */
  value: unknown;
  source: Source;
  /** SRE-002's figure, where it states one. */
  sre002?: { figure: string; was?: string; technique: number; agrees: boolean };
}

/** Every setting that is no group of others, in the schema's order. */
export function leaves(parent: Path = []): Path[] {
  const type = schemaAt(parent);
  return type instanceof z.ZodObject
    ? Object.keys(type.shape).flatMap((key) => leaves([...parent, key]))
    : [parent];
}

/** The effective tuning of a stack. */
export const tuning = (settings: Settings, file: StackFile): TuningRow[] =>
  leaves().map((path) => {
    const setting = pathText(path);
    const value = valueAt(settings, path) ?? null;
    const specified = SRE002[setting];
    const row: TuningRow = { setting, value, source: sourceOf(path, file) };
    if (specified === undefined) return row;
    const { figure, was, technique, agrees } = specified;
    return {
      ...row,
      sre002: { figure, ...(was === undefined ? {} : { was }), technique, agrees: agrees(value) },
    };
  });

function sourceOf(path: Path, { config, inStackFile, set }: StackFile): Source {
  const [top, ...rest] = path;
  const key = `${PROJECT}:${top}`;
  if (valueAt(config[key], rest) === undefined) return "default";
  const full = `${PROJECT}:${path.join(".")}`;
  if (set.some((name) => isWithin(full, name) || isWithin(name, full))) return "--set";
  return key in inStackFile ? "stack file" : "Pulumi.yaml";
}

/** Whether a dotted path is another one or lies below it. */
const isWithin = (path: string, above: string): boolean => path === above || path.startsWith(`${above}.`);
