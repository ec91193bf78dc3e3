import { actedAnnotation, readCommand } from "../../contract/annotations";
import type { FunctionStatus, Phase } from "../../contract/function/status";
import type { FunctionSpecInput } from "../../contract/parser";

/** A `LambdaFunction` as the API server answers it. */
export interface LambdaFunction {
  metadata: { name: string; generation: number; annotations?: Record<string, string> };
  spec: FunctionSpecInput;
  status?: FunctionStatus;
}

export interface Progress {
  phase: Phase;
  /** What is going on, in a few words. */
  about: string;
  /** Undefined while it is on its way. */
  ended: "Ready" | "Failed" | undefined;
}

/** Where a function is on its way, counted only where its status is about what was asked for last. */
export function progressOf({ metadata, status }: LambdaFunction): Progress {
  const { annotations, generation } = metadata;
  const command = readCommand(annotations, "build.start");
  const acted = annotations?.[actedAnnotation("build.start")];
  const current =
    status?.observedGeneration === generation && (command === undefined || command.id === acted);
  if (!current) return { phase: "Pending", about: "not yet taken up", ended: undefined };
  const phase = status.phase ?? "Pending";
  return {
    phase,
    about: about(status, phase),
    ended: phase === "Ready" || phase === "Failed" ? phase : undefined,
  };
}

function about({ buildStatus, conditions }: FunctionStatus, phase: Phase): string {
  const job = buildStatus?.jobName;
  const attempt = buildStatus?.attempt ?? 1;
  const building =
    phase === "Building" && job !== undefined
      ? `${job}${attempt > 1 ? `, attempt ${attempt}` : ""}`
      : undefined;
  const open = phase === "Ready" ? undefined : (conditions ?? []).find(isOpen);
  const why = open === undefined ? undefined : `${open.reason}: ${firstLine(open.message)}`;
  return [building, why].filter((part) => part !== undefined).join("; ");
}

/** The steps on the way, in their order; other conditions only say what of a spec has no effect. */
const STEPS = ["SourceReady", "BuildReady", "DeployReady", "ServiceReady"];
const isOpen = ({ type, status }: { type: string; status: string }): boolean =>
  STEPS.includes(type) && status !== "True";

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** What there is to tell at the end, line by line. */
export function outcome({ status }: LambdaFunction, ended: "Ready" | "Failed", seconds: number): string[] {
  const { buildStatus: build, serviceStatus: service, conditions = [] } = status ?? {};
  if (ended === "Failed") {
    const failed = conditions.find((one) => STEPS.includes(one.type) && one.status === "False");
    return [
      `Failed after ${seconds} s: ${failed === undefined ? "no condition says why" : `${failed.reason}: ${failed.message}`}`,
      ...(build?.error === undefined || build.error === failed?.message ? [] : [build.error]),
    ];
  }
  const { strategy, durationSeconds, cacheHits, cacheRequests } = build ?? {};
  const cache =
    cacheHits === undefined || cacheRequests === undefined
      ? ""
      : `, ${cacheHits} of ${cacheRequests} layers from the cache`;
  const how =
    strategy === "reuse"
      ? "an image that was there"
      : durationSeconds === undefined
        ? undefined
        : `built in ${durationSeconds.toFixed(1)} s${cache}`;
  return [
    `Ready after ${seconds} s${how === undefined ? "" : ` (${how})`}`,
    ...(build?.imageURI === undefined ? [] : [`image ${build.imageURI}`]),
    ...(service?.url === undefined ? [] : [`url   ${service.url}`]),
  ];
}
