import type { ApiObject } from "../../builder/kubernetes/objects";

/** Reads a label selector of `key=value`, `key` and `!key`, with commas. */
export function selectorOf(text: string | null): (object: ApiObject) => boolean {
  const terms = (text ?? "").split(",").filter((term) => term !== "");
  return ({ metadata: { labels = {} } }) =>
    terms.every((term) => {
      if (term.startsWith("!")) return labels[term.slice(1)] === undefined;
      const [key = "", value] = term.split("=");
      return value === undefined ? labels[key] !== undefined : labels[key] === value;
    });
}
