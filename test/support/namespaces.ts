import { kubectl } from "./kubectl";

/**
 * Ends what runs in a namespace, and waits until it is gone. A namespace that is deleted with pods in it is looked at again only after half
 * of what they are given to end: minutes.
 */
export async function endPods(namespace: string): Promise<void> {
  for (const what of [["services.serving.knative.dev,jobs"], ["pods", "--grace-period=1"]])
    await kubectl([
      ...["delete", ...what, "--all", "--ignore-not-found", "--namespace", namespace],
      "--timeout=60s",
    ]).catch(() => "");
}
