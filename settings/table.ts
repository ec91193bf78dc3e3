import { z } from "zod";
import { type Path, pathText, schema, unwrap } from "./schema";

/** A setting as the README lists it. */
export interface TableRow {
  key: string;
  /** What may stand there. */
  kind: string;
  /** As a stack file would write it; "" where there is none. */
  default: string;
  description: string;
}

/** Every leaf of the settings, in the order of the schema. */
export function settingsTable(): TableRow[] {
  return rows([], schema, schema.parse({}));
}

function rows(path: Path, type: z.core.$ZodType, defaults: unknown): TableRow[] {
  const bare = unwrap(type);
  if (bare instanceof z.ZodObject) {
    const known = defaults as Record<string, unknown> | undefined;
    return Object.entries(bare.shape).flatMap(([key, inner]) =>
      rows([...path, key], inner as z.core.$ZodType, known?.[key]),
    );
  }
  const own: TableRow = {
    key: pathText(path),
    kind: kindOf(bare),
    default: defaults === undefined ? "" : JSON.stringify(defaults),
    description: descriptionOf(type),
  };
  const entry = bare instanceof z.ZodArray ? unwrap(bare.element) : undefined;
  return entry instanceof z.ZodObject
    ? [
        own,
        ...Object.entries(entry.shape).map(([key, inner]) => ({
          key: `${own.key}[].${key}`,
          kind: kindOf(unwrap(inner as z.core.$ZodType)),
          default: "",
          description: descriptionOf(inner as z.core.$ZodType),
        })),
      ]
    : [own];
}

/** A description stands on the outermost wrapper that was given one. */
function descriptionOf(type: z.core.$ZodType): string {
  const own = type instanceof z.ZodType ? type.description : undefined;
  if (own !== undefined) return own;
  if (type instanceof z.ZodPrefault || type instanceof z.ZodDefault || type instanceof z.ZodOptional)
    return descriptionOf(type.unwrap());
  return "";
}

function kindOf(type: z.core.$ZodType): string {
  if (type instanceof z.ZodEnum) return type.options.map((option) => `\`${option}\``).join(", ");
  if (type instanceof z.ZodLiteral) return [...type.values].join(", ");
  if (type instanceof z.ZodBoolean) return "true, false";
  if (type instanceof z.ZodArray) return "list";
  if (type instanceof z.ZodUnion) return "quantity";
  if (type instanceof z.ZodNumber) {
    const kind = type.format === "safeint" ? "whole number" : "number";
    const { minValue, maxValue } = type;
    if (maxValue !== null && maxValue < Number.MAX_SAFE_INTEGER)
      return `${kind}, ${minValue ?? 0} to ${maxValue}`;
    return minValue !== null && minValue > Number.MIN_SAFE_INTEGER && minValue > 0
      ? `${kind}, ${minValue} or more`
      : kind;
  }
  return "text";
}

/** The table as Markdown. */
export function settingsMarkdown(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  return [
    "| setting | may be | default | meaning |",
    "| --- | --- | --- | --- |",
    ...settingsTable().map(
      (row) =>
        `| \`${row.key}\` | ${cell(row.kind)} | ${row.default === "" ? "" : `\`${cell(row.default)}\``} | ${cell(row.description)} |`,
    ),
  ].join("\n");
}
