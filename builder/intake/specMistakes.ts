import { distance } from "fastest-levenshtein";
import { SOURCE_TYPES } from "../../contract/function/source";
import { functionSpec } from "../../contract/function/spec";
import { type StructuralSchema, structuralSchema } from "../../contract/function/structuralSchema";
import type { Mistake } from "./refusal";

const schema = structuralSchema(functionSpec);
const MOST_MISTAKES = 50;

/**
 * All that the API server would refuse in a spec: wrong values, unknown fields, and what the fields say together.
 * It stays the judge; this says everything at once, and before anything is asked of it.
 * @param at Path of the spec, for the mistakes
 */
export function specMistakes(spec: unknown, at: string): Mistake[] {
  if (spec === undefined) return [{ field: at, message: "missing" }];
  const parsed = functionSpec.safeParse(spec);
  const values = (parsed.error?.issues ?? []).map(({ path, message }) => ({
    field: fieldPath(at, path),
    message,
  }));
  return [...values, ...unknownFields(spec, schema, at), ...contradictions(spec, at)].slice(0, MOST_MISTAKES);
}

export const fieldPath = (at: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${String(part)}`),
    at,
  );

function unknownFields(value: unknown, node: StructuralSchema, at: string): Mistake[] {
  if (Array.isArray(value)) {
    const items = node["items"] as StructuralSchema | undefined;
    return items ? value.flatMap((item, index) => unknownFields(item, items, `${at}[${index}]`)) : [];
  }
  if (!isObject(value) || node["x-kubernetes-preserve-unknown-fields"] === true) return [];
  const properties = (node["properties"] ?? {}) as Record<string, StructuralSchema>;
  return Object.entries(value).flatMap(([name, inner]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property
      ? unknownFields(inner, property, `${at}.${name}`)
      : [{ field: `${at}.${name.slice(0, 100)}`, message: unknownField(name, Object.keys(properties)) }];
  });
}

function unknownField(name: string, known: string[]): string {
  const near = known.find(
    (candidate) => distance(candidate.toLowerCase(), name.slice(0, 100).toLowerCase()) <= 2,
  );
  return near === undefined ? "unknown field; remove it" : `unknown field; ${near} is meant?`;
}

/** The rules in CEL of the definition. */
function contradictions(spec: unknown, at: string): Mistake[] {
  if (!isObject(spec)) return [];
  const mistakes: Mistake[] = [];
  const { source, scaling } = spec;
  if (isObject(source)) {
    const given = SOURCE_TYPES.filter((type) => source[type] !== undefined);
    const named = SOURCE_TYPES.find((type) => type === source["type"]);
    if (named !== undefined && !given.includes(named))
      mistakes.push({ field: `${at}.source.${named}`, message: "missing, though source.type names it" });
    for (const other of given)
      if (named !== undefined && other !== named)
        mistakes.push({
          field: `${at}.source.${other}`,
          message: `a second source beside ${named}, which source.type names; remove one`,
        });
  }
  if (isObject(scaling)) {
    const { minReplicas = 0, maxReplicas = 50 } = scaling;
    if (typeof minReplicas === "number" && typeof maxReplicas === "number" && minReplicas > maxReplicas)
      mistakes.push({
        field: `${at}.scaling.minReplicas`,
        message: `${minReplicas} is above maxReplicas (${maxReplicas}); lower it or raise maxReplicas`,
      });
  }
  return mistakes;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
