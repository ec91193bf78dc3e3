import type { FunctionKey } from "../types";
import { hashOf } from "./hash";

/**
 * Of a Job. Kubernetes makes its pod's name of the Job's, a dash and five characters, and cuts what stands before those at 58: with a longer
 * name the pods of two attempts, or of two builds, could not be told apart by their names, which is all that metrics of containers have.
 */
const LONGEST = 57;
const LONGEST_ATTEMPT = "-999";
/** 50 bits. What a name leaves out stands in the Job's labels and annotations, which are compared before a Job counts as one's own. */
const DIGITS = 10;
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** As much of a function's name stands in the names of its Jobs: the same in those of every attempt, so that a selector can be of it. */
export const FUNCTION_CHARACTERS = LONGEST - "build-".length - "-".length - DIGITS - LONGEST_ATTEMPT.length;

/**
 * The name of a build's Job: `build-<function>-<hash>`, and the attempt from the second on. All functions build in one namespace, so that
 * the hash is of the function's namespace too. A long function's name is cut; the hash is of all of it.
 */
export function jobName({ namespace, name }: FunctionKey, buildHash: string, attempt: number): string {
  if (!Number.isInteger(attempt) || attempt < 1 || attempt > 999)
    throw new Error(`attempt ${attempt} is none`);
  const suffix = `-${digits(hashOf([namespace, name, buildHash]))}${attempt > 1 ? `-${attempt}` : ""}`;
  return `build-${name.slice(0, FUNCTION_CHARACTERS).replace(/-+$/, "")}${suffix}`;
}

/** The first digits of a hash in base 32, without letters that are taken for others. */
function digits(hash: string): string {
  let bits = BigInt(`0x${hash}`) >> BigInt(256 - DIGITS * 5);
  let text = "";
  for (let index = 0; index < DIGITS; index += 1) {
    text = (ALPHABET[Number(bits & 31n)] ?? "") + text;
    bits >>= 5n;
  }
  return text;
}
