import { setTimeout as delay } from "node:timers/promises";
import { kubectl } from "./kubectl";

/** What would make a pod anew that is ended before it. */
const MAKERS = "services.serving.knative.dev,deployments,replicasets,jobs";

/** A pod that is ended while it starts may wait out all of its time for a container that has not begun to listen: it is let go of. */
const PATIENCE_MS = 20_000;

/**
 * Ends what runs in a namespace, and waits until it is gone. A namespace that is deleted with pods in it is looked at again only after half
 * of what they are given to end: minutes. What makes pods goes in the background, and may make one more; so it is done until none is there.
 */
export async function endPods(namespace: string, seconds = 120): Promise<void> {
  const of = ["--namespace", namespace];
  const end = (...what: string[]): Promise<string> =>
    kubectl(["delete", ...what, "--all", "--ignore-not-found", "--wait=false", ...of]).catch(() => "");
  // Where it can't be told, it is asked again: the API server may be away for a moment.
  const left = (): Promise<string> =>
    kubectl(["get", `${MAKERS},pods`, "--output=name", ...of]).catch((error: unknown) => String(error));
  const began = Date.now();
  let there = await left();
  while (there !== "") {
    const passed = Date.now() - began;
    if (passed > seconds * 1000) throw new Error(`still there in ${namespace} after ${seconds} s: ${there}`);
    await end(MAKERS);
    await end("pods", ...(passed > PATIENCE_MS ? ["--grace-period=0", "--force"] : ["--grace-period=1"]));
    await delay(500);
    there = await left();
  }
}
