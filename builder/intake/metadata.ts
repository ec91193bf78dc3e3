import { z } from "zod";
import { isReservedAnnotation } from "../../contract/annotations";
import { MOST_MISTAKES } from "./refusal";

/** Metadata that an event may set on a function. */

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const MOST_KEY_CHARACTERS = 317;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
/** The API server's own limit on all annotations together, less what the platform writes. */
const MOST_ANNOTATION_BYTES = 240 * 1024;

export const functionName = z
  .string("is no text; a function needs a name")
  .max(63, "longer than 63 characters")
  .regex(NAME, "use a-z, 0-9 and '-', a letter first, no '-' last");

export const namespaceName = z
  .string("is no text")
  .max(63, "longer than 63 characters")
  .regex(NAMESPACE, "use a-z, 0-9 and '-', no '-' first or last");

/**
 * Texts by qualified names, with the mistakes at their keys.
 * @param wrong says what is wrong with one, beyond its name
 */
const texts = (wrong: (name: string, value: string) => string | undefined) =>
  z
    .record(z.string(), z.unknown())
    .superRefine((values, context) => {
      let mistakes = 0;
      for (const [name, value] of Object.entries(values)) {
        const message =
          name.length > MOST_KEY_CHARACTERS || !QUALIFIED.test(name)
            ? "is no qualified name; write it as in example.com/team"
            : typeof value === "string"
              ? wrong(name, value)
              : "is no text";
        if (message === undefined) continue;
        context.addIssue({ code: "custom", path: [name.slice(0, 100)], message });
        if (++mistakes > MOST_MISTAKES) return;
      }
    })
    .transform((values) => values as Record<string, string>);

const labels = texts((_name, value) =>
  LABEL_VALUE.test(value) ? undefined : "is no label's value; at most 63 of A-Z, a-z, 0-9, '-', '_' and '.'",
);

const annotations = texts((name) =>
  isReservedAnnotation(name) || name === LAST_APPLIED
    ? "is set by the platform or by kubectl; remove it"
    : undefined,
).refine(
  (values) =>
    Object.entries(values).reduce(
      (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
      0,
    ) <= MOST_ANNOTATION_BYTES,
  `more than ${MOST_ANNOTATION_BYTES} bytes together`,
);

/** `metadata` of an event with a whole function. */
export const eventMetadata = z.strictObject({
  name: functionName,
  namespace: namespaceName.optional(),
  labels: labels.optional(),
  annotations: annotations.optional(),
});
