import { z } from "zod";
import { durationSeconds } from "../settings/scalars/duration";
import { amount, canonicalQuantity } from "../settings/scalars/quantity";

/**
 * How values are written in environment variables. Lists are comma separated, an empty text is an empty list or an absent value,
 * durations are Go's (`72h`), quantities are Kubernetes' (`2Gi`).
 */

export interface Duration {
  /** As the settings say it, for Kaniko and Kubernetes, which read the same notation. */
  text: string;
  seconds: number;
}

const refuse = (context: z.RefinementCtx<string>, message: string): never => {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
};

/** A text that is not empty. */
export const text = z.string().min(1, "is empty");

/** A text, or "" for none. */
export const optional = z.string().transform((value) => (value === "" ? undefined : value));

/** `true` or `false`. */
export const flag = z
  .enum(["true", "false"], { error: "is neither true nor false" })
  .transform((value) => value === "true");

/** A whole number, not negative. */
export const count = z
  .string()
  .transform((value, context) =>
    /^\d{1,15}$/.test(value) ? Number(value) : refuse(context, "is not a whole number"),
  );

/** Texts joined by commas; "" for none. No item may hold a comma: names, hosts and functions never do. */
export const list = z.string().transform((value) => (value === "" ? [] : value.split(",")));

export const duration = z.string().transform((value, context): Duration => {
  const seconds = durationSeconds(value);
  return seconds === undefined
    ? refuse(context, "is not a duration; write it as in 72h")
    : { text: value, seconds };
});

/** A quantity, kept as text: it goes into pods as it is. */
export const quantity = z
  .string()
  .refine((value) => canonicalQuantity(value) !== undefined, "is not a quantity; write it as in 2Gi");

/** A quantity of bytes, as a number. */
export const bytes = quantity.transform((value) => amount(value));
