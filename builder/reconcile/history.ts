import { FUNCTION_KIND } from "../../contract/function/crd";
import type { Environment } from "../../contract/environment";
import type { FunctionStatus } from "../../contract/function/status";
import { LABELS } from "../../contract/labels";
import { API_GROUP, API_VERSION } from "../../contract/names";
import { isConflict } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import type { ApiObject } from "../kubernetes/objects";
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

/** Whether a namespace is one of `functions.namespaces`: in those alone the builder may write records of builds, and read Secrets. */
export const isListed = (
  { FUNCTION_NAMESPACES }: Pick<Environment, "FUNCTION_NAMESPACES">,
  namespace: string,
): boolean => FUNCTION_NAMESPACES.includes(namespace);

export interface HistoryArgs {
  client: KubernetesClient;
  environment: Pick<Environment, "FUNCTION_NAMESPACES">;
  log: Log;
}

/** Remembers a build, once however often it is told. What can't be remembered is no reason to stop: it is a record, and decides nothing. */
export async function remember(
  { client, environment, log }: HistoryArgs,
  { metadata }: LambdaFunction,
  build: PastBuild,
  failedLog: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!isListed(environment, metadata.namespace ?? "")) return;
  const key = { namespace: metadata.namespace, name: historyName(metadata.name) };
  try {
    const found = await client.get(CONFIG_MAPS, key, { signal });
    if (found !== undefined && !isOfFunction(found, metadata.name)) {
      log.warn(
        { function: metadata.name, configMap: key.name },
        "a ConfigMap of the records' name is somebody else's and is left alone: no builds of this function are remembered",
      );
      return;
    }
    const before = readBuilds(found?.data?.["builds"]).filter((one) => !isSame(one, build));
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
    // Another replica has written: it remembers the same.
    if (isConflict(error)) log.debug({ err: error, function: metadata.name }, "a build is not remembered");
    else log.warn({ err: error, function: metadata.name }, "a build is not remembered");
  }
}

/** Of this function, or of one that had its name and whose things are not collected yet. */
const isOfFunction = ({ metadata }: ApiObject, name: string): boolean =>
  metadata.ownerReferences?.some((owner) => owner.kind === FUNCTION_KIND && owner.name === name) === true;

/** Of one Job; or, where there was none, of one image for one generation. */
const isSame = (a: PastBuild, b: PastBuild): boolean =>
  a.jobName === b.jobName &&
  (a.jobName !== undefined || (a.generation === b.generation && a.digest === b.digest));

function readBuilds(text: string | undefined): PastBuild[] {
  if (text === undefined) return [];
  try {
    const builds: unknown = JSON.parse(text);
    return Array.isArray(builds) ? (builds as PastBuild[]) : [];
  } catch {
    return [];
  }
}
