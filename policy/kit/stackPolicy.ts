import type {
  PolicyResource,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { described, type Facts, thresholds } from "./facts";
import type { Explained, Resource } from "./resourcePolicy";

/** A resource of a stack, with its place in Pulumi's graph. */
export interface StackResource<Props> extends Resource<Props> {
  /** URNs of what its inputs are made from. */
  madeFrom: readonly string[];
}

/** The resources that a stack policy reads. */
export interface Stack {
  all: <Props extends object>(...types: string[]) => StackResource<Partial<Props>>[];
}

/** What is wrong, and with which resource. */
export interface Wrong {
  message: string;
  urn: string;
}

/**
 * A policy over the relations between resources.
 *
 * The engine gives a stack policy what resources have put out, and of a resource whose provider it can't configure yet (every Kubernetes
 * object, before the cluster is there) that is nothing at all, not even unknown values. So the inputs are kept when the engine has each
 * resource judged, which it does before it has the stack judged; they stay wrapped, so that to read an unknown one still throws. Where a
 * resource was not judged in this run, as in a refresh, what it put out counts.
 */
export function stackPolicy<Config extends object = object>(
  facts: Facts<Config>,
  types: readonly string[],
  wrong: (stack: Stack, config: Config) => readonly Wrong[],
): ResourceValidationPolicy & StackValidationPolicy & Explained {
  const inputs = new Map<string, Record<string, unknown>>();
  return {
    ...described(facts),
    blind: facts.blind,
    types,
    validateResource: (args) => {
      if (!types.includes(args.type)) args.notApplicable(`It is about ${types.join(", ")}.`);
      inputs.set(args.urn, args.props);
    },
    validateStack: (args, report) => {
      const stack = seen(args, inputs);
      for (const { message, urn } of wrong(stack, thresholds(facts, args.getConfig<Partial<Config>>())))
        report(message, urn);
    },
  };
}

const seen = (
  { resources }: StackValidationArgs,
  inputs: ReadonlyMap<string, Record<string, unknown>>,
): Stack => ({
  all: <Props extends object>(...types: string[]) =>
    resources
      .filter(({ type }) => types.includes(type))
      .map((resource): StackResource<Partial<Props>> => {
        const { type, name, urn, opts } = resource;
        const props = (inputs.get(urn) ?? resource.props) as Partial<Props>;
        return { type, name, urn, opts, props, madeFrom: madeFrom(resource) };
      }),
});

const madeFrom = ({ propertyDependencies }: PolicyResource): string[] =>
  Object.values(propertyDependencies).flatMap((resources) => resources.map(({ urn }) => urn));
