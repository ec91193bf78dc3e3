import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

/** An object as the API server answers it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    generation?: number;
    resourceVersion?: string;
  };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
  status?: Record<string, unknown>;
}

/** Runs kubectl against the cluster of KUBECONFIG and answers what it prints; fails with its words if it fails. */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  return new Promise((done, failed) => {
    const child = execFile("kubectl", args, { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else
        failed(
          new Error(`kubectl ${args.join(" ")}: ${stderr.trim() === "" ? error.message : stderr.trim()}`),
        );
    });
    child.stdin?.end(input ?? "");
  });
}

/** An object as it is in the cluster. */
export const read = async <T extends KubernetesObject = KubernetesObject>(
  kind: string,
  name: string,
  namespace?: string,
): Promise<T> =>
  JSON.parse(
    await kubectl([
      "get",
      kind,
      name,
      ...(namespace === undefined ? [] : ["--namespace", namespace]),
      "--output",
      "json",
    ]),
  ) as T;

/** Whether an object is in the cluster. */
export const exists = async (kind: string, name: string, namespace?: string): Promise<boolean> =>
  (await kubectl([
    "get",
    kind,
    name,
    ...(namespace === undefined ? [] : ["--namespace", namespace]),
    "--ignore-not-found",
    "--output",
    "name",
  ])) !== "";

/** Asks until a condition holds. Fails with what it last saw once `seconds` have passed: long ones, as a machine may be slow. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T>,
  holds: (value: T) => boolean,
  seconds = 180,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await ask();
    if (holds(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`${what}: not after ${seconds} s; last seen: ${JSON.stringify(value)}`);
    await delay(250);
  }
}
