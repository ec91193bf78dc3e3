/** A value inside a resource that differs. Undefined: it is not there. */
export interface ValueChange {
  /** As `spec.template.spec.containers[builder].image`, or `policy|Statement[0].Action` inside a JSON text. */
  path: string;
  before: unknown;
  after: unknown;
}

/** Whether two texts say the same; by default, whether they are the same. */
export type SameText = (before: string, after: string) => boolean;

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The leaves in which two values differ. Texts that hold JSON, as a policy does, are looked into. */
export function compareValues(
  before: unknown,
  after: unknown,
  sameText: SameText = (a, b) => a === b,
  path = "",
): ValueChange[] {
  const inside = (a: unknown, b: unknown, part: string) => compareValues(a, b, sameText, path + part);
  if (isMapping(before) && isMapping(after)) {
    const dot = path === "" || path.endsWith("|") ? "" : ".";
    return keyPairs(before, after, sameText).flatMap(([a, b]) => inside(before[a], after[b], `${dot}${b}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const [a, b] = [byName(before), byName(after)];
    return keyPairs(a, b, sameText).flatMap(([old, now]) => inside(a[old], b[now], `[${now}]`));
  }
  if (typeof before === "string" && typeof after === "string") {
    if (sameText(before, after)) return [];
    const [a, b] = [readJson(before), readJson(after)];
    if (a !== undefined && b !== undefined) return inside(a, b, "|");
    return [{ path, before, after }];
  }
  return before === after ? [] : [{ path, before, after }];
}

/** A list as a mapping: by name where all entries have one and no two the same, else by position. */
function byName(list: readonly unknown[]): Record<string, unknown> {
  const names = list.map((item) => (isMapping(item) ? item["name"] : undefined));
  const named = names.every((name) => typeof name === "string") && new Set(names).size === names.length;
  return Object.fromEntries(list.map((item, index) => [named ? String(names[index]) : String(index), item]));
}

/** The keys of two mappings, those that say the same side by side. A key that only one has stands beside itself. */
function keyPairs(before: object, after: object, sameText: SameText): [before: string, after: string][] {
  const added = Object.keys(after).filter((key) => !(key in before));
  const pairs = Object.keys(before).map((key): [string, string] => {
    const renamed = key in after ? key : added.find((other) => sameText(key, other));
    return [key, renamed ?? key];
  });
  const taken = new Set(pairs.map(([, key]) => key));
  return [...pairs, ...added.filter((key) => !taken.has(key)).map((key): [string, string] => [key, key])];
}

function readJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
