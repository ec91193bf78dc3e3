import { z } from "zod";
import { API_GROUP, API_VERSION } from "../names";
import { extensions } from "./kubernetes";
import { functionSpec } from "./spec";
import { functionStatus } from "./status";
import { type StructuralSchema, structuralSchema } from "./structuralSchema";

export const FUNCTION_KIND = "LambdaFunction";
export const FUNCTION_PLURAL = "lambdafunctions";
export const FUNCTION_CRD = `${FUNCTION_PLURAL}.${API_GROUP}`;

const lambdaFunction = z
  .object({ spec: functionSpec, status: functionStatus.optional() })
  .describe("A function: source in, served function out.")
  .meta(
    extensions({
      "x-kubernetes-validations": [
        {
          // Its Knative Service has its name, and a Service's name is a DNS label that starts with a letter (RFC 1035).
          rule: "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
          message:
            "the name is no service's name; use at most 63 of a-z, 0-9 and '-', a letter first, no '-' last",
        },
      ],
    }),
  );

/** The definition's `spec`. Made from the zod types alone, so that what the API server checks is what the builder reads. */
export const functionCrdSpec = {
  group: API_GROUP,
  scope: "Namespaced",
  names: {
    kind: FUNCTION_KIND,
    listKind: `${FUNCTION_KIND}List`,
    plural: FUNCTION_PLURAL,
    singular: FUNCTION_KIND.toLowerCase(),
    shortNames: ["lf", "lfunc"],
  },
  versions: [
    {
      name: API_VERSION,
      served: true,
      storage: true,
      subresources: { status: {} },
      additionalPrinterColumns: [
        column("Phase", "string", ".status.phase", "Where the function is on its way"),
        column("Image", "string", ".status.buildStatus.imageURI", "The image that was built"),
        column("URL", "string", ".status.serviceStatus.url", "Where the function answers"),
        column("Ready", "boolean", ".status.serviceStatus.ready", "Whether it serves"),
        { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
      schema: { openAPIV3Schema: wholeObject() },
    },
  ],
};

function column(name: string, type: string, jsonPath: string, description: string) {
  return { name, type, jsonPath, description };
}

/** The schema with what every object has. */
function wholeObject(): StructuralSchema {
  const { properties, ...rest } = structuralSchema(lambdaFunction);
  return {
    ...rest,
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      ...(properties as StructuralSchema),
    },
  };
}
