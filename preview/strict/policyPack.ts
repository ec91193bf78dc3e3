import { spawn } from "node:child_process";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";

/** A policy pack that runs, as the engine runs one: a process of its own that serves the analyzer protocol. */
export interface PolicyPack {
  client: AnalyzerClient;
  /** Ends the process. */
  end: () => void;
}

/** Policies and resources are told in one message each; a CRD or a dashboard is larger than gRPC's 4 MiB allow for a whole stack. */
const LARGEST_MESSAGE = 400 * 1024 * 1024;

/**
 * Starts the policy pack in a folder through the launcher that the engine uses.
 * @throws where the process ends without having said at which port it serves, with its last words
 */
export async function startPolicyPack(directory: string): Promise<PolicyPack> {
  const folder = join(directory, "policy");
  // The first argument is the engine's address, to which a pack would log. The last slash keeps Node.js from taking a policy.json for it.
  const child = spawn(
    process.execPath,
    [require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:0", `${folder}/`],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  let complained = "";
  const port = await new Promise<string>((started, failed) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const [, number] = /^(\d+)\n/m.exec(said) ?? [];
      if (number !== undefined) started(number);
    });
    child.stderr.on("data", (chunk: Buffer) => (complained += chunk.toString()));
    child.on("error", failed);
    child.on("exit", (code) => {
      failed(new Error(`the policy pack in ${folder} ended with ${code ?? "a signal"}:\n${complained}`));
    });
  });
  const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
    "grpc.max_send_message_length": LARGEST_MESSAGE,
    "grpc.max_receive_message_length": LARGEST_MESSAGE,
  });
  return {
    client,
    end: () => {
      client.close();
      child.kill();
    },
  };
}
