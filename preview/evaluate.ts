import * as pulumi from "@pulumi/pulumi";
import { parseSettings, PROJECT, readStackValues, type Settings } from "../settings";
import { awsStandIns } from "./awsStandIns";
import { RecordingMonitor, type Registration } from "./recordingMonitor";
import type { StackFile } from "./stackFile";

/** What the program would register for a stack. */
export interface Evaluation {
  settings: Settings;
  /** Every resource, the stack itself first, parents before their children. */
  registrations: readonly Registration[];
  outputs: Record<string, unknown>;
}

/** The program; answers the stack's outputs. */
export type Program = () => Promise<object>;

/** The real program, loaded when the monitor is in place. */
const realProgram: Program = async () => (await import("../stacks/program.js")).program();

/**
 * Runs the program for a stack as in a preview, with a monitor that records in the engine's place. No engine, no provider, no network.
 * One evaluation at a time: the SDK's settings are the process's.
 * @throws SettingsError with every mistake of the stack file
 */
export async function evaluate(file: StackFile, program: Program = realProgram): Promise<Evaluation> {
  const { stack, secretKeys } = file;
  const config = Object.fromEntries(
    Object.entries(file.config).map(([key, value]) => [key, configText(value)]),
  );
  const monitor = new RecordingMonitor(awsStandIns(config["aws:region"] ?? "us-east-1"));
  pulumi.runtime.setAllConfig(config, secretKeys);
  pulumi.runtime.setMockOptions(monitor, PROJECT, stack, true);
  // The SDK's own promise of the stack would have a rejection of its own, which nobody could catch: what the program throws stays here.
  let failure: { error: unknown } | undefined;
  await pulumi.runtime.runInPulumiStack(async () => {
    try {
      return await program();
    } catch (error) {
      failure = { error };
      return {};
    }
  });
  await pulumi.runtime.disconnect(false);
  if (failure !== undefined) throw monitor.failedCalls[0] ?? failure.error;
  const { registrations } = monitor;
  return {
    settings: parseSettings(readStackValues()),
    registrations,
    outputs: monitor.outputs.get(registrations[0]?.urn ?? "") ?? {},
  };
}

/** A value as the engine hands it to the program: a text as it is, anything else as JSON. */
const configText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
