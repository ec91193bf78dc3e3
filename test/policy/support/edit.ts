import { UNKNOWN } from "../../../preview/recordingMonitor";
import type { Subject } from "./judge";

/** One thing that is done to one resource of a program. */
export interface Edit {
  /** `name`, or `type name` where two resources have one name. */
  resource: string;
  /** Path of the property, as `spec.template.spec.containers.0.image`. Absent: the resource itself is taken out. */
  at?: string | readonly string[];
  /** What the property becomes; undefined: it is taken away. A function is given what it was. */
  to?: unknown;
  /** The option `protect` instead of a property. */
  protect?: boolean;
}

const find = (subjects: readonly Subject[], resource: string): Subject => {
  const found = subjects.filter(({ type, name }) => name === resource || `${type} ${name}` === resource);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} resources are called ${resource}`);
  return found[0];
};

const pathOf = (at: string | readonly string[]): readonly string[] =>
  typeof at === "string" ? at.split(".") : at;

/** A value with another at a path; undefined takes away what lies there. */
function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return typeof to === "function" ? (to as (old: unknown) => unknown)(value) : to;
  if (Array.isArray(value)) {
    const list = [...(value as unknown[])];
    list[Number(key)] = changed(list[Number(key)], rest, to);
    return list;
  }
  const mapping = { ...(value as Record<string, unknown> | undefined) };
  mapping[key] = changed(mapping[key], rest, to);
  if (mapping[key] === undefined) Reflect.deleteProperty(mapping, key);
  return mapping;
}

const replaced = (subjects: readonly Subject[], by: Subject): Subject[] =>
  subjects.map((subject) => (subject.urn === by.urn ? by : subject));

/** A program after an edit. */
export function edited(subjects: readonly Subject[], { resource, at, to, protect }: Edit): Subject[] {
  const subject = find(subjects, resource);
  if (protect !== undefined) return replaced(subjects, { ...subject, protect });
  if (at === undefined) return subjects.filter(({ urn }) => urn !== subject.urn);
  return replaced(subjects, {
    ...subject,
    props: changed(subject.props, pathOf(at), to) as Record<string, unknown>,
  });
}

/** The same program before the property that the edit is about can be known: it is an output, or is made of one. */
export function unknownAt(subjects: readonly Subject[], { resource, at }: Edit): Subject[] {
  if (at === undefined) throw new Error(`${resource} is taken out: no property of it is unknown`);
  const path = pathOf(at);
  // What is taken away or added is unknown with the mapping that it is in.
  return edited(subjects, { resource, at: path, to: UNKNOWN });
}

/** A program in which every input is an output of something else. */
export const allUnknown = (subjects: readonly Subject[]): Subject[] =>
  subjects.map((subject) => ({
    ...subject,
    props: Object.fromEntries(Object.keys(subject.props).map((key) => [key, UNKNOWN])),
  }));
