import * as pulumi from "@pulumi/pulumi";
import { SettingsError } from "./settings";
import { program } from "./stacks/program";

/** The stack: its settings, checked, then its resources; what it returns are the stack's outputs (contract/outputs.ts). */
export = async () => {
  try {
    return await program();
  } catch (error) {
    // A mistake in a stack file is the user's to mend: its lines alone, no stack trace.
    if (error instanceof SettingsError) throw new pulumi.RunError(error.message);
    throw error;
  }
};
