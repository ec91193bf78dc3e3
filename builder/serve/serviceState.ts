import type { StartFailure } from "./startFailure";
import type { OpenObject } from "../kubernetes/resources";

/** What a function's Service says of itself. */
export interface ServiceState {
  /** Of its present spec. `unknown`: on its way. */
  ready: "ready" | "failed" | "unknown";
  reason: string;
  message: string;
  url: string | undefined;
  /** The newest revision that was ready: it serves. */
  latestReady: string | undefined;
  /** The newest revision: where it is another it is starting, or failed to. */
  latestCreated: string | undefined;
}

interface KnativeCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** @param starting Why a pod of a revision does not start, where that is known */
export function serviceState(
  { metadata, status = {} }: OpenObject,
  starting: (revision: string) => StartFailure | undefined = () => undefined,
): ServiceState {
  const conditions = (status["conditions"] ?? []) as KnativeCondition[];
  const latestReady = text(status["latestReadyRevisionName"]);
  const latestCreated = text(status["latestCreatedRevisionName"]);
  const current = status["observedGeneration"] === metadata.generation;
  const found = conditions.find(({ type }) => type === "Ready");
  const bad =
    conditions.find(({ type, status: is }) => type === "ConfigurationsReady" && is === "False") ??
    (found?.status === "False" ? found : undefined);
  const ready =
    current && found?.status === "True" && latestReady !== undefined && latestCreated === latestReady
      ? "ready"
      : current && bad !== undefined
        ? "failed"
        : "unknown";
  const stuck =
    current && ready === "unknown" && latestCreated !== undefined && latestCreated !== latestReady
      ? starting(latestCreated)
      : undefined;
  const why = stuck ?? (ready === "failed" ? bad : found);
  return {
    ready: stuck === undefined ? ready : "failed",
    reason: why?.reason ?? "",
    message: why?.message ?? "",
    url: text(status["url"]),
    latestReady,
    latestCreated,
  };
}

/** Whether what a Service wants now has been ready at some time: else its image has never served. */
export const hasServed = ({ metadata, status = {} }: OpenObject): boolean =>
  status["observedGeneration"] === metadata.generation &&
  text(status["latestReadyRevisionName"]) !== undefined &&
  status["latestReadyRevisionName"] === status["latestCreatedRevisionName"];

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
