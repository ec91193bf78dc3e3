import type { FunctionKey } from "../types";
import { hashOf } from "./hash";

const LONGEST = 63;
/** 50 bits. What a name leaves out stands in the Job's labels and annotations, which are compared before a Job counts as one's own. */
const DIGITS = 10;
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * The name of a build's Job: `build-<function>-<hash>`, and the attempt from the second on. All functions build in one namespace, so that
 * the hash is of the function's namespace too. A long function's name is cut; the hash is of all of it.
 */
export function jobName({ namespace, name }: FunctionKey, buildHash: string, attempt: number): string {
  if (!Number.isInteger(attempt) || attempt < 1 || attempt > 999)
    throw new Error(`attempt ${attempt} is none`);
  const suffix = `-${digits(hashOf([namespace, name, buildHash]))}${attempt > 1 ? `-${attempt}` : ""}`;
  const room = LONGEST - "build-".length - suffix.length;
  return `build-${name.slice(0, room).replace(/-+$/, "")}${suffix}`;
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
