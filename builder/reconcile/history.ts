import { FUNCTION_KIND } from "../../contract/function/crd";
import type { FunctionStatus } from "../../contract/function/status";
import { LABELS } from "../../contract/labels";
import { API_GROUP, API_VERSION } from "../../contract/names";
import { ApiError, isConflict } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { CONFIG_MAPS, type LambdaFunction } from "../kubernetes/resources";
import type { Log } from "../log";

/** One build as it is remembered. */
export interface PastBuild extends NonNullable<FunctionStatus["buildStatus"]> {
  generation: number;
  /** `Succeeded`, or why not. */
  result: string;
}

const MOST_BUILDS = 10;
const MOST_LOG_BYTES = 256 * 1024;

/** ConfigMap with a function's last builds and the log of the last that failed: `kubectl get configmap <function>-builds`. */
export const historyName = (name: string): string => `${name}-builds`;

/**
 * Remembers a build. What can't be remembered is no reason to stop: it is a record, and decides nothing. Where the builder has no rights in the namespace there is none.
 */
export async function remember(
  client: KubernetesClient,
  { metadata }: LambdaFunction,
  build: PastBuild,
  failedLog: string | undefined,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  const key = { namespace: metadata.namespace, name: historyName(metadata.name) };
  try {
    const found = await client.get(CONFIG_MAPS, key, { signal });
    const before = readBuilds(found?.data?.["builds"]).filter(
      ({ jobName }) => jobName === undefined || jobName !== build.jobName,
    );
    const builds = [...before, build].slice(-MOST_BUILDS);
    const data = {
      builds: `[\n${builds.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`,
      ...(failedLog === undefined
        ? found?.data?.["failed-log"] === undefined
          ? {}
          : { "failed-log": found.data["failed-log"] }
        : { "failed-log": failedLog.slice(-MOST_LOG_BYTES) }),
    };
    const { uid, resourceVersion } = found?.metadata ?? {};
    await client.apply(
      CONFIG_MAPS,
      {
        metadata: {
          name: key.name,
          ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
          ...(uid === undefined ? {} : { uid }),
          ...(resourceVersion === undefined ? {} : { resourceVersion }),
          labels: { [LABELS.function]: metadata.name },
          ownerReferences: [
            {
              apiVersion: `${API_GROUP}/${API_VERSION}`,
              kind: FUNCTION_KIND,
              name: metadata.name,
              uid: metadata.uid ?? "",
            },
          ],
        },
        data,
      },
      { signal },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (isConflict(error) || (error instanceof ApiError && error.code === 403))
      log.debug({ err: error, function: metadata.name }, "a build is not remembered");
    else log.warn({ err: error, function: metadata.name }, "a build is not remembered");
  }
}

function readBuilds(text: string | undefined): PastBuild[] {
  if (text === undefined) return [];
  try {
    const builds: unknown = JSON.parse(text);
    return Array.isArray(builds) ? (builds as PastBuild[]) : [];
  } catch {
    return [];
  }
}
