import { valueAt } from "../settings/problems";
import { DETAILS } from "./detailPaths";
import { type PreviewedResource, UNKNOWN_TEXT } from "./resources";

/** One property that a reader of the preview looks for. */
export interface Detail {
  /** Last name of the property's path; "" for what speaks for itself. */
  label: string;
  value: unknown;
}

/** The properties of a resource that matter, as `detailPaths.ts` lists them. What is not known yet is left out. */
export const detailsOf = ({ type, inputs }: PreviewedResource): Detail[] =>
  [...objectName(type, inputs), ...(DETAILS[type] ?? []).flatMap((entry) => read(inputs, entry))].filter(
    ({ value }) => [value].flat().some((item) => item !== UNKNOWN_TEXT),
  );

/** Where a Kubernetes object lies: `namespace/name`. */
function objectName(type: string, inputs: Record<string, unknown>): Detail[] {
  if (!type.startsWith("kubernetes:")) return [];
  const place = type === "kubernetes:helm.sh/v3:Release" ? inputs : inputs["metadata"];
  if (typeof place !== "object" || place === null) return [];
  const { namespace, name } = place as { namespace?: string; name?: string };
  const value = [namespace, name].filter((part) => part !== undefined && part !== UNKNOWN_TEXT).join("/");
  return value === "" ? [] : [{ label: "", value }];
}

/** What an entry of `detailPaths.ts` names. */
function read(inputs: unknown, entry: string): Detail[] {
  const [path = "", name] = entry.split(" as ");
  const keys = path.split(".");
  const last = keys.at(-1) ?? "";
  if (last.endsWith("*")) {
    const parent = valueAt(inputs, keys.slice(0, -1));
    if (typeof parent !== "object" || parent === null) return [];
    return Object.entries(parent)
      .filter(([key]) => key.startsWith(last.slice(0, -1)))
      .map(([label, value]) => ({ label, value: value as unknown }));
  }
  const value = valueOf(inputs, path);
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  return [
    {
      label: name ?? last,
      value: Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value,
    },
  ];
}

function valueOf(inputs: unknown, path: string): unknown {
  const [text, inside] = path.split("|");
  if (text !== undefined && inside !== undefined) {
    const json = valueOf(inputs, text);
    return typeof json === "string" && json.startsWith("{") ? valueOf(JSON.parse(json), inside) : json;
  }
  const [list = "", ...rest] = path.split("[].");
  const found = valueAt(inputs, list.split("."));
  if (rest.length === 0 || !Array.isArray(found)) return found;
  return found.flatMap((item) => valueOf(item, rest.join("[].")) ?? []);
}
