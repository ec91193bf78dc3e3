import * as pulumi from "@pulumi/pulumi";
import type { StackValues } from "./parse";
import { schema } from "./schema";

/** Name of the project, which is the namespace of its settings. */
export const PROJECT = "knative-lambda";

/** The kubeconfig that a stack with `target: cluster` may carry: a secret, so it stays out of the settings. */
export const KUBECONFIG_KEY = "kubeconfig";

/** Reads the configuration of the running stack. This is the one place that does. */
export function readStackValues(): StackValues {
  const prefix = `${PROJECT}:`;
  const values = Object.fromEntries(
    Object.keys(pulumi.runtime.allConfig())
      .filter((key) => key.startsWith(prefix) && key !== `${prefix}${KUBECONFIG_KEY}`)
      .map((key) => key.slice(prefix.length))
      .map((key) => [key, readValue(key)] as const),
  );
  return { stack: pulumi.getStack(), region: new pulumi.Config("aws").get("region"), values };
}

/** A value as YAML would give it: the engine hands texts over as they are and everything else as JSON. */
function readValue(key: string): unknown {
  const text = new pulumi.Config(PROJECT).require(key);
  const isText =
    key in schema.shape &&
    !/^\s*[[{]/.test(text) &&
    text !== "true" &&
    text !== "false" &&
    text !== "null" &&
    Number.isNaN(Number(text));
  if (isText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The kubeconfig of the stack, where it has one. */
export function readKubeconfig(): pulumi.Output<string> | undefined {
  return new pulumi.Config(PROJECT).getSecret(KUBECONFIG_KEY);
}
