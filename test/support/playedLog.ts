import { type BuildRecord, readRecord } from "../../builder/build/buildRecord";
import type { Job } from "../../builder/kubernetes/resources";
import { BUILD_NAMESPACE } from "../../contract/names";
import { kubectl } from "./kubectl";

const object = async <T>(kind: string, name: string): Promise<T> =>
  JSON.parse(await kubectl(["get", kind, name, "--namespace", BUILD_NAMESPACE, "--output", "json"])) as T;

/**
 * What Kaniko would have written of its cache in the pod of a build that is only played.
 * @param served Whether an instruction's layer is in the cache
 */
export async function playedLog(
  pod: string,
  served: (record: BuildRecord, instruction: string) => boolean,
): Promise<string> {
  const { metadata } = await object<{ metadata: { labels: Record<string, string> } }>("pod", pod);
  const record = readRecord(await object<Job>("job", metadata.labels["batch.kubernetes.io/job-name"] ?? ""));
  if (record === undefined) return "";
  return record.cacheable
    .map(({ text }) => {
      const says = served(record, text) ? "Using caching version of cmd:" : "No cached layer found for cmd";
      return `${JSON.stringify({ level: "info", msg: `${says} ${text}` })}\n`;
    })
    .join("");
}
