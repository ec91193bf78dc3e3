import { z } from "zod";
import { isReservedAnnotation } from "../../contract/annotations";

/** Metadata that an event may set on a function. */

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** The API server's own limit on all annotations together, less what the platform writes. */
const MOST_ANNOTATION_BYTES = 240 * 1024;

export const functionName = z
  .string("is no text; a function needs a name")
  .max(63, "longer than 63 characters")
  .regex(LABEL, "use a-z, 0-9 and '-', a letter first, no '-' last");

export const namespaceName = z
  .string("is no text")
  .max(63, "longer than 63 characters")
  .regex(NAMESPACE, "use a-z, 0-9 and '-', no '-' first or last");

const key = z.string().max(317).regex(QUALIFIED, "is no qualified name; write it as in example.com/team");

const annotations = z.record(z.string(), z.string("is no text")).superRefine((values, context) => {
  for (const name of Object.keys(values)) {
    const wrong = key.safeParse(name).error?.issues[0]?.message;
    const problem =
      wrong ??
      (isReservedAnnotation(name) || name === LAST_APPLIED
        ? "is set by the platform or by kubectl; remove it"
        : undefined);
    if (problem !== undefined) context.addIssue({ code: "custom", path: [name], message: problem });
  }
  const size = Object.entries(values).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size > MOST_ANNOTATION_BYTES)
    context.addIssue({ code: "custom", message: `more than ${MOST_ANNOTATION_BYTES} bytes together` });
});

const labels = z
  .record(
    z.string(),
    z
      .string("is no text")
      .regex(LABEL_VALUE, "is no label's value; at most 63 of A-Z, a-z, 0-9, '-', '_' and '.'"),
  )
  .superRefine((values, context) => {
    for (const name of Object.keys(values)) {
      const wrong = key.safeParse(name).error?.issues[0]?.message;
      if (wrong !== undefined) context.addIssue({ code: "custom", path: [name], message: wrong });
    }
  });

/** `metadata` of an event with a whole function. */
export const eventMetadata = z.strictObject({
  name: functionName,
  namespace: namespaceName.optional(),
  labels: labels.optional(),
  annotations: annotations.optional(),
});

export type EventMetadata = z.output<typeof eventMetadata>;
