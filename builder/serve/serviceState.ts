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
}

interface KnativeCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export function serviceState({ metadata, status = {} }: OpenObject): ServiceState {
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
  const why = ready === "failed" ? bad : found;
  return {
    ready,
    reason: why?.reason ?? "",
    message: why?.message ?? "",
    url: text(status["url"]),
    latestReady,
  };
}

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;
