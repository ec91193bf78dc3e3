import { z } from "zod";

/** A node of a structural OpenAPI v3 schema, as a CustomResourceDefinition takes it. */
export type StructuralSchema = Record<string, unknown>;

/** What the API server takes of JSON Schema in a structural schema, as far as it is used here. */
const KEYWORDS = new Set([
  "type",
  "format",
  "description",
  "default",
  "enum",
  "pattern",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "required",
]);

/**
 * The structural schema of a zod type, of what a client may send: fields with a default are optional.
 * Throws on a zod type that has no structural form, rather than leave out a check.
 */
export const structuralSchema = (type: z.ZodType): StructuralSchema =>
  structural(z.toJSONSchema(type, { io: "input", target: "openapi-3.0" }), "");

function structural(node: z.core.JSONSchema.BaseSchema, at: string): StructuralSchema {
  const result: StructuralSchema = {};
  const preserve = node["x-kubernetes-preserve-unknown-fields"] === true;
  const intOrString = node["x-kubernetes-int-or-string"] === true;
  for (const [keyword, value] of Object.entries(node)) {
    if (keyword === "properties") {
      const properties = Object.entries(value as Record<string, z.core.JSONSchema.BaseSchema>);
      if (properties.length > 0)
        result[keyword] = Object.fromEntries(
          properties.map(([name, property]) => [name, structural(property, `${at}.${name}`)]),
        );
    } else if (keyword === "items") {
      result[keyword] = structural(value as z.core.JSONSchema.BaseSchema, `${at}[]`);
    } else if (keyword === "pattern" && node.format === "date-time") {
      // The API server checks the format itself; zod's pattern is narrower than the times that it takes.
    } else if (keyword === "additionalProperties" && preserve) {
      // Said by x-kubernetes-preserve-unknown-fields.
    } else if (keyword === "anyOf" && intOrString) {
      // Said by x-kubernetes-int-or-string.
    } else if (KEYWORDS.has(keyword) || keyword.startsWith("x-kubernetes-")) {
      result[keyword] = value;
    } else {
      throw new Error(
        `${at === "" ? "the schema" : at} has ${keyword}, for which a structural schema has no form`,
      );
    }
  }
  if (result["type"] === undefined && !intOrString) throw new Error(`${at} has no type`);
  return result;
}
