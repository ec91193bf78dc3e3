import { distance } from "fastest-levenshtein";
import { SOURCE_TYPES } from "../../contract/function/source";
import { functionSpec } from "../../contract/function/spec";
import { type StructuralSchema, structuralSchema } from "../../contract/function/structuralSchema";
import { type Mistake, MOST_MISTAKES } from "./refusal";

const schema = structuralSchema(functionSpec);

/**
 * All that the API server would refuse in a spec: wrong values, unknown fields, and what the fields say together.
 * It stays the judge; this says everything at once, and before anything is asked of it.
 * @param at Path of the spec, for the mistakes
 */
export function specMistakes(spec: unknown, at: string): Mistake[] {
  if (spec === undefined) return [{ field: at, message: "missing" }];
  const parsed = functionSpec.safeParse(spec);
  const values = (parsed.error?.issues ?? []).slice(0, MOST_MISTAKES).map(({ path, message }) => ({
    field: fieldPath(at, path),
    message,
  }));
  const unknown = [...first(MOST_MISTAKES, unknownFields(spec, schema, at))];
  return [...values, ...unknown, ...contradictions(spec, at)].slice(0, MOST_MISTAKES);
}

function* first<T>(most: number, all: Iterable<T>): Generator<T> {
  let taken = 0;
  for (const one of all) {
    if (taken++ === most) return;
    yield one;
  }
}

export const fieldPath = (at: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${String(part)}`),
    at,
  );

/** One after the other: whoever has enough of them stops, however many there are. */
function* unknownFields(value: unknown, node: StructuralSchema, at: string): Generator<Mistake> {
  if (Array.isArray(value)) {
    const items = node["items"] as StructuralSchema | undefined;
    if (items)
      for (const [index, item] of value.entries()) yield* unknownFields(item, items, `${at}[${index}]`);
    return;
  }
  if (!isObject(value) || node["x-kubernetes-preserve-unknown-fields"] === true) return;
  const properties = (node["properties"] ?? {}) as Record<string, StructuralSchema>;
  for (const [name, inner] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property) yield* unknownFields(inner, property, `${at}.${name}`);
    else yield { field: `${at}.${name.slice(0, 100)}`, message: unknownField(name, Object.keys(properties)) };
  }
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
