import { z } from "zod";
import { budget } from "./sections/budget";
import { buildNodes } from "./sections/buildNodes";
import { buildQueue } from "./sections/buildQueue";
import { builderService } from "./sections/builderService";
import { cluster } from "./sections/cluster";
import { functions } from "./sections/functions";
import { imageRepositories } from "./sections/imageRepositories";
import { keepAlive } from "./sections/keepAlive";
import { knative } from "./sections/knative";
import { monitoring } from "./sections/monitoring";
import { network } from "./sections/network";
import { platform } from "./sections/platform";
import { quotas } from "./sections/quotas";
import { servingNodes } from "./sections/servingNodes";
import { sourceBucket } from "./sections/sourceBucket";
import { sources } from "./sections/sources";

/**
 * Everything that a stack file may say under `knative-lambda:`. Strict at every level; each leaf has a default or is optional,
 * and a description from which the README's table is made.
 */
export const schema = z.strictObject({
  target: z
    .enum(["aws", "cluster"])
    .prefault("aws")
    .describe("`aws`: everything, from the VPC up. `cluster`: onto a Kubernetes cluster that exists."),
  protect: z
    .boolean()
    .prefault(true)
    .describe(
      "Refuse to delete what holds state: cluster, source bucket, image repositories and the functions' definition.",
    ),
  builderService,
  platform,
  functions,
  sources,
  keepAlive,
  buildQueue,
  buildNodes,
  servingNodes,
  imageRepositories,
  sourceBucket,
  knative,
  monitoring,
  network,
  cluster,
  quotas,
  budget,
});

/** The settings of one stack, checked, with every default filled in. */
export type Settings = z.output<typeof schema> & {
  /** Name of the stack, which is the name of the environment. */
  stack: string;
  /** AWS region, from `aws:region`. On `target: cluster` there is none. */
  region: string | undefined;
};

/** A path to a setting below `knative-lambda:`. */
export type Path = readonly (string | number)[];

/** `["builderService", "kaniko", "cacheTTL"]` as `builderService.kaniko.cacheTTL`. */
export const pathText = (path: Path): string =>
  path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index > 0 ? "." : ""}${part}`))
    .join("");

/** The schema below a path, without what wraps it (defaults, optional), or undefined where the path leads nowhere. */
export function schemaAt(path: Path): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  for (const part of path) {
    current = unwrap(current);
    if (current instanceof z.ZodObject) current = current.shape[part] as z.core.$ZodType | undefined;
    else if (current instanceof z.ZodArray) current = current.element;
    else return undefined;
    if (current === undefined) return undefined;
  }
  return unwrap(current);
}

/** A schema without its default and its optionality. */
export function unwrap(type: z.core.$ZodType): z.core.$ZodType {
  if (type instanceof z.ZodPrefault || type instanceof z.ZodDefault || type instanceof z.ZodOptional)
    return unwrap(type.unwrap());
  if (type instanceof z.ZodPipe) return unwrap(type.in);
  return type;
}
