import type { StackOutputs } from "../contract/outputs";
import { parseSettings, readKubeconfig, readStackValues } from "../settings";
import { type Account, account } from "./account";
import { awsStack } from "./aws";
import { clusterStack } from "./cluster";

/**
 * The whole program: reads and checks the settings, then makes the stack that `target` names.
 * @throws SettingsError before anything is made, with every mistake of the stack file
 */
export async function program(): Promise<StackOutputs> {
  const stackValues = readStackValues();
  if (stackValues.values["target"] === "cluster")
    return clusterStack(parseSettings(stackValues), readKubeconfig());

  const asked: Account | Error = await account().catch((error: unknown) => error as Error);
  // Mistakes in the stack file first: without credentials or region they are still worth telling.
  const settings = parseSettings(stackValues);
  if (asked instanceof Error) throw asked;
  return awsStack(settings, asked);
}
