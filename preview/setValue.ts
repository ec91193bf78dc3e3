import { parse, YAMLError } from "yaml";
import { z } from "zod";
import { PROJECT } from "../settings";
import { schemaAt } from "../settings/schema";
import { fullKey, type StackFile } from "./stackFile";
import { UsageError } from "./usageError";

/**
 * A stack's configuration with one `--set key=value`: `key` as in `builderService.kaniko.cacheTTL`,
 * `keepAlive.functions[0]` or `aws:region`, `value` as YAML. An empty value takes the setting away, back to its default.
 * @throws UsageError
 */
export function setValue(file: StackFile, set: string): StackFile {
  const at = set.indexOf("=");
  const key = at < 0 ? "" : set.slice(0, at).trim();
  const [top, ...path] = key.replace(/\[(\d+)\]/g, ".$1").split(".");
  if (top === undefined || [top, ...path].includes("") || top.endsWith(":"))
    throw new UsageError(`--set ${set}: write it as key=value, as in builderService.kanikoJobLimit=50`);
  const name = fullKey(top);
  const text = set.slice(at + 1);
  const yaml = read(set, text);
  // A shell takes quotes away: 1.37 is the text that it was written as, where a text is meant.
  const value = typeof yaml === "number" && takesText(name, path) ? text.trim() : yaml;
  const changed = place(file.config[name], path, value);
  const config = { ...file.config, [name]: changed };
  if (changed === undefined) Reflect.deleteProperty(config, name);
  return { ...file, config, set: [...file.set, [name, ...path].join(".")] };
}

const takesText = (name: string, path: readonly string[]): boolean =>
  name.startsWith(`${PROJECT}:`) &&
  schemaAt([name.slice(PROJECT.length + 1), ...path]) instanceof z.ZodString;

function read(set: string, text: string): unknown {
  try {
    return (parse(text) as unknown) ?? undefined;
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error;
    throw new UsageError(`--set ${set}: the value is not YAML (${error.message.split("\n")[0] ?? ""})`);
  }
}

/** `value` at a path below `parent`, which stays as it was. Undefined takes away what lies there. */
function place(parent: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(parent) && /^\d+$/.test(key)) {
    const list = [...(parent as unknown[])];
    if (value === undefined && rest.length === 0) list.splice(Number(key), 1);
    else list[Number(key)] = place(list[Number(key)], rest, value);
    return list;
  }
  const mapping: Record<string, unknown> =
    typeof parent === "object" && parent !== null && !Array.isArray(parent) ? { ...parent } : {};
  const placed = place(mapping[key], rest, value);
  if (placed === undefined) Reflect.deleteProperty(mapping, key);
  else mapping[key] = placed;
  return mapping;
}
