import type { PolicyResourceOptions, ResourceValidationPolicy } from "@pulumi/policy";
import { described, type Facts, thresholds } from "./facts";

/** A resource as a policy sees it. To read a value that a preview can't know throws, and the engine makes an advisory of that. */
export interface Resource<Props> {
  type: string;
  name: string;
  urn: string;
  props: Props;
  opts: PolicyResourceOptions;
}

/** A policy of this project, with what its page says beyond what the SDK has room for. */
export interface Explained {
  blind: string | undefined;
  /** Types of the resources that it reads. */
  types: readonly string[];
}

/**
 * A policy over one resource at a time, over its inputs.
 * @param types of the resources that it is asked about
 * @param wrong answers what is wrong with one, each as a sentence that names the property and what would be right
 */
export const resourcePolicy = <Props extends object, Config extends object = object>(
  facts: Facts<Config>,
  types: readonly string[],
  wrong: (resource: Resource<Partial<Props>>, config: Config) => readonly string[],
): ResourceValidationPolicy & Explained => ({
  ...described(facts),
  blind: facts.blind,
  types,
  validateResource: (args, report) => {
    if (!types.includes(args.type)) args.notApplicable(`It is about ${types.join(", ")}.`);
    const resource = { ...args, props: args.props as Partial<Props> };
    for (const message of wrong(resource, thresholds(facts, args.getConfig<Partial<Config>>())))
      report(message);
  },
});

/** Whether a resource lies below a component of a type. A URN has the types of all its parents. */
export const isWithin = (urn: string, component: string): boolean =>
  (urn.split("::")[2] ?? "").split("$").slice(0, -1).includes(component);

/** Name of the stack that a resource is in. */
export const stackOf = (urn: string): string => urn.split("::")[0]?.split(":")[2] ?? "";
