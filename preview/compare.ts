import { compareValues, type SameText, type ValueChange } from "./compareValues";
import type { Report } from "./report";
import type { PreviewedResource } from "./resources";
import type { Source } from "./tuning";

/** A figure before and after; null where there is none. */
export interface Pair<T> {
  before: T | null;
  after: T | null;
}

export interface ResourceChange {
  kind: "added" | "removed" | "changed";
  type: string;
  name: string;
  /** What differs inside it; empty where it is added or removed. */
  values: ValueChange[];
}

/** What differs between two reports. Only what differs is in it. */
export interface Changes {
  before: { stack: string; set: string[] };
  after: { stack: string; set: string[] };
  resources: ResourceChange[];
  /** Resources that are in both and the same. */
  unchanged: number;
  tuning: (Pair<unknown> & { setting: string; source: { before: Source; after: Source } })[];
  capacity: {
    atOnce?: Pair<number>;
    /** Labels of the bounds. */
    boundBy?: Pair<string[]>;
    perHour?: Pair<number>;
    bounds: (Pair<number> & { label: string })[];
    drains: (Pair<number> & { builds: number })[];
    /** Warnings that only one of the two has. */
    warnings: { before: string[]; after: string[] };
  };
  cost: { lines: (Pair<number> & { id: string; label: string })[]; total: Pair<number> };
}

export function compare(before: Report, after: Report): Changes {
  const { resources, unchanged } = compareResources(before, after);
  const sources = new Map(before.tuning.map(({ setting, source }) => [setting, source]));
  return {
    before: { stack: before.stack, set: before.set },
    after: { stack: after.stack, set: after.set },
    resources,
    unchanged,
    tuning: pairs(
      before.tuning,
      after.tuning,
      ({ setting }) => setting,
      ({ value }) => value,
    ).map(({ key, item, ...pair }) => ({
      setting: key,
      ...pair,
      source: { before: sources.get(key) ?? "default", after: item.source },
    })),
    capacity: compareCapacity(before.capacity, after.capacity),
    cost: {
      lines: pairs(
        before.cost.lines,
        after.cost.lines,
        ({ id }) => id,
        ({ usd }) => usd,
      ).map(({ key, item, ...pair }) => ({ id: key, label: item.label, ...pair })),
      total: { before: before.cost.total, after: after.cost.total },
    },
  };
}

interface KeyedPair<Item, T> extends Pair<T> {
  key: string;
  item: Item;
}

/** The items of two lists whose value differs, or that only one of the lists has. */
function pairs<Item, T>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
  valueOf: (item: Item) => T | undefined,
): KeyedPair<Item, T>[] {
  const old = new Map(before.map((item) => [keyOf(item), item]));
  const now = new Map(after.map((item) => [keyOf(item), item]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [a, b] = [old.get(key), now.get(key)];
    const item = b ?? a;
    const pair: Pair<T> = { before: valueIn(a, valueOf), after: valueIn(b, valueOf) };
    if (item === undefined || same(pair)) return [];
    return [{ key, item, ...pair }];
  });
}

const valueIn = <Item, T>(item: Item | undefined, valueOf: (item: Item) => T | undefined): T | null =>
  item === undefined ? null : (valueOf(item) ?? null);

const same = ({ before, after }: Pair<unknown>): boolean => compareValues(before, after).length === 0;

/** `{name: pair}` where the two differ, else nothing. */
const differing = <Name extends string, T>(
  name: Name,
  before: T,
  after: T,
): Partial<Record<Name, Pair<T>>> =>
  same({ before, after }) ? {} : ({ [name]: { before, after } } as Record<Name, Pair<T>>);

function compareCapacity(before: Report["capacity"], after: Report["capacity"]): Changes["capacity"] {
  return {
    ...differing("atOnce", before.atOnce, after.atOnce),
    ...differing("boundBy", boundLabels(before), boundLabels(after)),
    ...differing("perHour", before.perHour, after.perHour),
    bounds: pairs(
      before.bounds,
      after.bounds,
      ({ id }) => id,
      ({ atOnce }) => atOnce,
    ).map(({ item, before: a, after: b }) => ({ label: item.label, before: a, after: b })),
    drains: pairs(
      before.drains,
      after.drains,
      ({ builds }) => String(builds),
      ({ minutes }) => minutes,
    ).map(({ item, before: a, after: b }) => ({ builds: item.builds, before: a, after: b })),
    warnings: {
      before: before.warnings.filter((warning) => !after.warnings.includes(warning)),
      after: after.warnings.filter((warning) => !before.warnings.includes(warning)),
    },
  };
}

const boundLabels = ({ bounds, boundBy }: Report["capacity"]): string[] =>
  bounds.filter(({ id }) => boundBy.includes(id)).map(({ label }) => label);

/** Resources by what they are and where they lie. Two stacks' names for the same thing differ by the stack's name: that is no change. */
function compareResources(before: Report, after: Report): Pick<Changes, "resources" | "unchanged"> {
  const old = new Map(before.resources.map((resource) => [keyOf(resource, before.stack), resource]));
  const now = new Map(after.resources.map((resource) => [keyOf(resource, after.stack), resource]));
  const sameText = sameBut(before.stack, after.stack);
  const resources = [...new Set([...old.keys(), ...now.keys()])].flatMap((key): ResourceChange[] => {
    const [a, b] = [old.get(key), now.get(key)];
    const resource = b ?? a;
    if (resource === undefined) return [];
    const kind = a === undefined ? "added" : b === undefined ? "removed" : "changed";
    const values = a && b ? compareValues(whatCounts(a), whatCounts(b), sameText) : [];
    if (kind === "changed" && values.length === 0) return [];
    return [{ kind, type: resource.type, name: resource.name, values }];
  });
  const common = [...old.keys()].filter((key) => now.has(key)).length;
  return {
    resources,
    unchanged: common - resources.filter(({ kind }) => kind === "changed").length,
  };
}

const keyOf = ({ urn, name, parent }: PreviewedResource, stack: string): string =>
  parent === "" ? name.replace(stack, "") : urn.replace(`urn:pulumi:${stack}::`, "");

const whatCounts = ({ inputs, protect, retainOnDelete }: PreviewedResource) => ({
  ...inputs,
  "(protect)": protect,
  "(retainOnDelete)": retainOnDelete,
});

/** Texts that are the same once each has forgotten the name of its stack. */
function sameBut(before: string, after: string): SameText {
  if (before === after) return (a, b) => a === b;
  const without = (stack: string) => {
    const name = new RegExp(`(?<![a-zA-Z0-9])${stack.replaceAll(".", "\\.")}(?![a-zA-Z0-9])`, "g");
    return (text: string): string => text.replace(name, "\0");
  };
  const [old, now] = [without(before), without(after)];
  return (a, b) => a === b || old(a) === now(b);
}
