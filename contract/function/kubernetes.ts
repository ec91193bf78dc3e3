import { z } from "zod";

/** What a schema says to the API server beyond JSON Schema. zod passes it on as it is. */
export interface KubernetesExtensions {
  /** Rules in CEL that the API server asks after the schema. */
  "x-kubernetes-validations"?: readonly CelRule[];
  /** Keeps fields that the schema doesn't name. */
  "x-kubernetes-preserve-unknown-fields"?: true;
  "x-kubernetes-int-or-string"?: true;
  "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  "x-kubernetes-list-map-keys"?: readonly string[];
  /** `atomic`: whoever applies a part of it applies the whole. */
  "x-kubernetes-map-type"?: "atomic" | "granular";
}

export interface CelRule {
  rule: string;
  /** What is wrong and what would be right. */
  message: string;
}

/** For `.meta()`: the same keys, checked. */
export const extensions = (values: KubernetesExtensions): Record<string, unknown> => ({ ...values });

/** An object of which nothing is known: kept as it is given. */
export const anyObject = () =>
  z.looseObject({}).meta(extensions({ "x-kubernetes-preserve-unknown-fields": true }));

/** A duration as Go writes it. */
export const goDuration = () =>
  z
    .string()
    .regex(/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/)
    .max(64);

/** A quantity as Kubernetes writes it, not negative. */
export const kubernetesQuantity = () =>
  z
    .string()
    .regex(/^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/)
    .max(64);

/** Object names are DNS subdomains. "" stands for none, as the API has long allowed it in references. */
const objectName = () => z.string().max(253).default("");

/** A Secret in the function's namespace. */
export const secretRef = (what: string) =>
  z
    .object({ name: objectName().describe("Name of the Secret.") })
    .describe(`Secret in the function's namespace with ${what}.`);

/** A key of a Secret or a ConfigMap in the function's namespace. */
export const keyRef = (kind: string) =>
  z
    .object({
      name: objectName().describe(`Name of the ${kind}.`),
      key: z.string().max(253).describe("The key in it."),
      optional: z.boolean().optional().describe("Whether the key may be missing."),
    })
    .describe(`A key of a ${kind} in the function's namespace.`);
