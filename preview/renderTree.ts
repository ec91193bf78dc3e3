import { detailsOf } from "./details";
import { renderVerdict } from "./renderPolicies";
import type { PreviewedResource } from "./resources";
import type { Verdict } from "./strict/verdicts";
import { cut, heading, shown, type Style, WIDTH, wrap } from "./text";

/** `aws:s3/bucket:Bucket` as the Pulumi CLI shows it: `aws:s3:Bucket`. */
export function shortType(type: string): string {
  const [pkg = "", module = "", name = ""] = type.split(":");
  const [folder, file] = module.split("/");
  const repeats = file?.toLowerCase() === name.toLowerCase();
  return [pkg, repeats ? folder : module, name].join(":");
}

/** The resources as a tree below the stack, each with the properties that matter and what policies say of it. */
export function renderTree(
  resources: readonly PreviewedResource[],
  style: Style,
  verdicts: readonly Verdict[] = [],
): string[] {
  const children = new Map<string, PreviewedResource[]>();
  for (const resource of resources)
    children.set(resource.parent, [...(children.get(resource.parent) ?? []), resource]);
  const [stack] = children.get("") ?? [];
  const made = resources.filter(({ parent }) => parent !== "").length;

  const subtree = (resource: PreviewedResource, before: string, last: boolean): string[] => {
    const own = children.get(resource.urn) ?? [];
    const below = before + (last ? "   " : "│  ");
    const gutter = below + (own.length > 0 ? "│  " : "   ");
    return [
      ...head(resource, before + (last ? "└─ " : "├─ "), gutter, style),
      ...details(resource, gutter, style),
      ...verdicts
        .filter(({ urn }) => urn === resource.urn)
        .flatMap((verdict) => renderVerdict(verdict, gutter, style)),
      ...own.flatMap((child, index) => subtree(child, below, index === own.length - 1)),
    ];
  };
  const top = children.get(stack?.urn ?? "") ?? [];
  return [
    ...heading(`Resources (${made})`, style),
    ...top.flatMap((resource, index) => subtree(resource, "", index === top.length - 1)),
  ];
}

function head(resource: PreviewedResource, before: string, gutter: string, style: Style): string[] {
  const { name, type, protect, retainOnDelete } = resource;
  const flags = [...(protect ? ["protected"] : []), ...(retainOnDelete ? ["retained"] : [])].join(", ");
  const mark = flags === "" ? "" : ` [${flags}]`;
  const kind = shortType(type);
  const line = `${before}${style.strong(name)}  ${style.faint(kind)}${style.warning(mark)}`;
  return before.length + name.length + 2 + kind.length + mark.length <= WIDTH
    ? [line]
    : [...wrap(name, before, gutter), ...wrap(`${kind}${mark}`, gutter).map(style.faint)];
}

function details(resource: PreviewedResource, gutter: string, style: Style): string[] {
  const facts = detailsOf(resource).map(({ label, value }) =>
    `${label} ${cut(shown(value), 120)}`.trimStart(),
  );
  return [
    ...wrapWhole(facts, gutter),
    ...(resource.remote ? wrap("What its provider makes of it is not shown.", gutter) : []),
  ].map(style.faint);
}

/** Facts with commas between them, each whole on a line where it fits on one. */
function wrapWhole(facts: readonly string[], gutter: string): string[] {
  const lines: string[] = [];
  for (const [index, fact] of facts.entries()) {
    const text = index < facts.length - 1 ? `${fact},` : fact;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(...wrap(text, gutter, `${gutter}  `));
  }
  return lines;
}
