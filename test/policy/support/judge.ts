import type {
  PolicyResource,
  PolicyResourceOptions,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { isUnknownValue, unknownChecking } from "./checkingProxy";

/** A resource as a policy is asked about it. */
export interface Subject {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
  protect: boolean;
  /** URNs of what it is made from. */
  madeFrom: readonly string[];
}

/** What a policy said of a program. */
export interface Judgement {
  violations: { urn: string | undefined; message: string }[];
  /** What it could not know. */
  unknown: string[];
}

class NotApplicable extends Error {}

const notApplicable = (): never => {
  throw new NotApplicable();
};

const optionsOf = ({ protect }: Subject): PolicyResourceOptions => ({
  protect,
  ignoreChanges: [],
  aliases: [],
  customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
  additionalSecretOutputs: [],
});

/**
 * Asks a policy about every resource, then about the stack, as the engine does through the SDK's server. The stack is given no outputs,
 * as before a cluster is there: what a policy needs it must have taken from the resources.
 * @param outputs "outputs": the stack is given its resources' inputs as what they put out
 */
export function judge(
  policy: ResourceValidationPolicy | StackValidationPolicy,
  subjects: readonly Subject[],
  config: object = {},
  outputs: "none" | "outputs" = "none",
): Judgement {
  const judgement: Judgement = { violations: [], unknown: [] };
  const guarded = (ask: () => void): void => {
    try {
      ask();
    } catch (error) {
      if (isUnknownValue(error)) judgement.unknown.push(error.message);
      else if (!(error instanceof NotApplicable)) throw error;
    }
  };
  const common = {
    stackTags: new Map<string, string>(),
    getConfig: () => config as never,
    notApplicable,
    isType: () => false,
    asType: () => undefined,
  };
  if ("validateResource" in policy && typeof policy.validateResource === "function") {
    const { validateResource } = policy;
    for (const subject of subjects)
      guarded(
        () =>
          void validateResource(
            {
              ...common,
              ...subject,
              props: unknownChecking(subject.props),
              opts: optionsOf(subject),
            },
            (message) => judgement.violations.push({ urn: subject.urn, message }),
          ),
      );
  }
  if ("validateStack" in policy)
    guarded(
      () =>
        void policy.validateStack({ ...common, resources: stackOf(subjects, outputs) }, (message, urn) =>
          judgement.violations.push({ urn, message }),
        ),
    );
  return judgement;
}

function stackOf(subjects: readonly Subject[], outputs: "none" | "outputs"): PolicyResource[] {
  const resources = subjects.map((subject): PolicyResource => ({
    ...subject,
    props: unknownChecking(outputs === "outputs" ? subject.props : {}),
    opts: optionsOf(subject),
    dependencies: [],
    propertyDependencies: {},
    isType: () => false,
    asType: () => undefined,
  }));
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  for (const [index, subject] of subjects.entries()) {
    const resource = resources[index];
    if (resource !== undefined)
      resource.propertyDependencies = {
        input: subject.madeFrom.flatMap((urn) => byUrn.get(urn) ?? []),
      };
  }
  return resources;
}
