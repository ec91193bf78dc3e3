import type { Evaluation } from "../evaluate";
import { startPolicyPack } from "./policyPack";
import { judge, type Verdicts } from "./verdicts";

/**
 * What the policy pack in a project's folder says of a stack: the pack that `pulumi preview --policy-pack policy` runs, started and asked
 * in the same way.
 * @param evaluating the pack starts while the program is still evaluated
 */
export async function verdictsOf(directory: string, evaluating: Promise<Evaluation>): Promise<Verdicts> {
  const [pack, evaluated] = await Promise.allSettled([startPolicyPack(directory), evaluating]);
  try {
    if (evaluated.status === "rejected") throw evaluated.reason;
    if (pack.status === "rejected") throw pack.reason;
    return await judge(pack.value, evaluated.value.registrations);
  } finally {
    if (pack.status === "fulfilled") pack.value.end();
  }
}
