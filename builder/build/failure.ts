import type { V1ContainerStatus, V1Job, V1Pod } from "@kubernetes/client-node";
import type { AuthorReason, PlatformReason } from "../../contract/function/reasons";
import type { BUILD_RESULTS } from "../../contract/metrics";
import { BUILD_NAMESPACE, KANIKO_CONTAINER } from "../../contract/names";
import type { Json, Wire } from "../kubernetes/objects";
import { CONTEXT_CONTAINER } from "./buildJob";
import { type LogLine, logTail, readKanikoLog } from "./kaniko/log";
import { classifyLog } from "./logFailure";

/** Why a build ended without an image. */
export type FailureKind =
  | "OutOfMemory"
  | "OutOfDisk"
  | "Deadline"
  | "UserError"
  | "Infrastructure"
  | "Cancelled"
  | "Evicted"
  | "ImagePull";

export interface BuildFailure {
  kind: FailureKind;
  /** The condition's reason. */
  reason: AuthorReason | PlatformReason;
  /** What it means and what to do, on one line. */
  message: string;
  /** Whether another attempt may fare better. */
  retry: boolean;
  /** The log's last lines, without credentials. */
  log: string[];
}

export interface EndedBuild {
  job: Wire<V1Job>;
  /** The last pod; undefined where there is none any more. */
  pod: Wire<V1Pod> | undefined;
  /** The log of Kaniko's container; undefined where it can't be had. */
  log: string | undefined;
  /** Memory and disk that a build may use, for the message. */
  limits: { memory: string; disk: string };
  /** The user's own Dockerfile was built. */
  ownDockerfile: boolean;
  /** Its end was asked for: the spec changed, or the function is deleted, or `build.cancel`. */
  cancelled: boolean;
  now: Date;
}

/** How long a pod may wait for an image before that is a failure: the kubelet tries again by itself. */
export const IMAGE_PULL_GRACE_SECONDS = 60;

/** The kubelet keeps 2,048 bytes of a log, which are as many characters or fewer. */
const TERMINATION_MESSAGE_CHARACTERS = 1900;

/** What each kind is in `builds_total`. Only what the user's source decides is the user's. */
export const RESULT_OF: Readonly<Record<FailureKind, (typeof BUILD_RESULTS)[number]>> = {
  OutOfMemory: "platform_error",
  OutOfDisk: "platform_error",
  Deadline: "timed_out",
  UserError: "user_error",
  Infrastructure: "platform_error",
  Cancelled: "cancelled",
  Evicted: "platform_error",
  ImagePull: "platform_error",
};

/** Says why a build failed; undefined where it runs on, or succeeded. */
export function classify(build: EndedBuild): BuildFailure | undefined {
  const { job, pod, cancelled } = build;
  if (cancelled) return failure("Cancelled", "BuildCancelled", "the build was cancelled", false);
  const failed = jobCondition(job, "Failed") ?? jobCondition(job, "FailureTarget");
  if (!failed) return jobCondition(job, "Complete") ? undefined : waitingForImage(build);
  if (failed.reason === "DeadlineExceeded") return deadline(job, build);
  return (
    (pod && podFailure(pod, build)) ?? {
      ...failure(
        "Infrastructure",
        "BuildPodLost",
        `the build's pod is gone, and with it why it failed (${failed.reason ?? "unknown"}${failed.message ? `: ${failed.message}` : ""})`,
        true,
      ),
      log: tail(build),
    }
  );
}

function deadline({ spec }: Wire<V1Job>, build: EndedBuild): BuildFailure {
  const seconds = spec?.activeDeadlineSeconds ?? 0;
  const waiting = waitingForImage({ ...build, now: new Date(8.64e15) });
  return {
    ...failure(
      "Deadline",
      "BuildDeadlineExceeded",
      `the build took longer than ${seconds} s; raise spec.build.timeout, up to the platform's builderService.kaniko.timeout, or install less${waiting ? ` (${waiting.message})` : ""}`,
      false,
    ),
    log: tail(build),
  };
}

/** What the scheduler says of a pod that no node has room for; undefined where it has a node, or was not looked at yet. */
export const unscheduled = (pod: Wire<V1Pod> | undefined): string | undefined => {
  const scheduled = pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");
  return scheduled?.status === "False" ? firstLine(scheduled.message ?? scheduled.reason ?? "") : undefined;
};

/** A deadline that passed while no node had room. Its author can't mend that, and another attempt may find one. */
export const neverScheduled = ({ log }: BuildFailure): BuildFailure => ({
  ...failure(
    "Infrastructure",
    "BuildNotScheduled",
    "no node had room for the build in all its time; have buildNodes.limits, its kind of capacity or the account's quota of vCPUs looked at",
    true,
  ),
  log,
});

function podFailure(pod: Wire<V1Pod>, build: EndedBuild): BuildFailure | undefined {
  const kaniko = containerStatus(pod, KANIKO_CONTAINER);
  const ended = kaniko?.state?.terminated ?? kaniko?.lastState?.terminated;
  const log = tail(build);
  if (pod.status?.reason === "Evicted") return { ...evicted(pod, build), log };
  if (ended?.reason === "OOMKilled") return { ...outOfMemory(build, ""), log };
  if (disrupted(pod))
    return { ...failure("Evicted", "BuildEvicted", "the build's node was taken away", true), log };

  const context = [...(pod.status?.initContainerStatuses ?? [])].find(
    ({ name }) => name === CONTEXT_CONTAINER,
  );
  const contextEnded = context?.state?.terminated;
  if (contextEnded && contextEnded.exitCode !== 0)
    return {
      ...failure(
        "Infrastructure",
        "ContextFetchFailed",
        `the build's context could not be fetched (exit code ${contextEnded.exitCode})`,
        true,
      ),
      log: logTail(readKanikoLog(contextEnded.message ?? "")),
    };
  if (ended && ended.exitCode !== 0) {
    const found = classifyLog(lines(build), build.ownDockerfile);
    if (found.kind === "OutOfMemory") return { ...outOfMemory(build, "a command of "), log };
    if (found.kind === "OutOfDisk") return { ...outOfDisk(build), log };
    return { ...found, log };
  }
  return undefined;
}

const outOfMemory = ({ limits }: EndedBuild, who: string): BuildFailure =>
  failure(
    "OutOfMemory",
    "BuildOutOfMemory",
    `${who}the build ran out of memory at its limit of ${limits.memory}; have builderService.kaniko.resources.limits.memory raised, or install less`,
    false,
  );

const outOfDisk = ({ limits }: EndedBuild): BuildFailure =>
  failure(
    "OutOfDisk",
    "BuildOutOfDisk",
    `the build ran out of disk at its limit of ${limits.disk}; have builderService.kaniko.resources.limits.ephemeral-storage raised, or install less`,
    false,
  );

function evicted(pod: Wire<V1Pod>, build: EndedBuild): BuildFailure {
  const why = pod.status?.message ?? "";
  // Of a build that uses too much, another attempt uses as much.
  if (
    /ephemeral (local )?storage usage exceeds|exceeded its local ephemeral storage limit|emptyDir.*exceeds/i.test(
      why,
    )
  )
    return outOfDisk(build);
  return failure(
    "Evicted",
    "BuildEvicted",
    `the build was evicted from its node${why ? `: ${why}` : ""}`,
    true,
  );
}

function waitingForImage({ pod, now }: EndedBuild): BuildFailure | undefined {
  if (!pod) return undefined;
  const since = Date.parse(pod.status?.startTime ?? pod.metadata.creationTimestamp ?? "");
  for (const { name, image, state } of allStatuses(pod)) {
    const { reason = "", message = "" } = state?.waiting ?? {};
    const hopeless = /^(InvalidImageName|ErrImageNeverPull)$/.test(reason);
    if (!hopeless && !/^(ErrImagePull|ImagePullBackOff|RegistryUnavailable|ImageInspectError)$/.test(reason))
      continue;
    if (!hopeless && !(now.getTime() - since >= IMAGE_PULL_GRACE_SECONDS * 1000)) continue;
    return failure(
      "ImagePull",
      "BuildImagePullFailed",
      `the image of the build's container ${name} can't be pulled: ${image} (${reason}${message ? `: ${firstLine(message)}` : ""}); see builderService.${name === KANIKO_CONTAINER ? "kaniko.image" : "image"}`,
      true,
    );
  }
  return undefined;
}

const failure = (
  kind: FailureKind,
  reason: BuildFailure["reason"],
  message: string,
  retry: boolean,
): BuildFailure => ({
  kind,
  reason,
  message,
  retry,
  log: [],
});

const lines = ({ log, pod }: EndedBuild): LogLine[] =>
  readKanikoLog(log ?? endOfLog(pod && containerStatus(pod, KANIKO_CONTAINER)?.state?.terminated?.message));

/** The log's end as the kubelet keeps it, for when the log itself is gone with its node: the first line is cut where there was more. */
function endOfLog(message: string | undefined): string {
  if (message === undefined || message.length < TERMINATION_MESSAGE_CHARACTERS) return message ?? "";
  return message.slice(message.indexOf("\n") + 1);
}

const tail = (build: EndedBuild): string[] => logTail(lines(build));

const jobCondition = ({ status }: Wire<V1Job>, type: string) =>
  status?.conditions?.find((condition) => condition.type === type && condition.status === "True");

const disrupted = ({ status }: Wire<V1Pod>): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === "DisruptionTarget" && is === "True") ?? false;

const allStatuses = ({ status }: Wire<V1Pod>): Json<V1ContainerStatus>[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

const containerStatus = (pod: Wire<V1Pod>, name: string): Json<V1ContainerStatus> | undefined =>
  allStatuses(pod).find((container) => container.name === name);

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, 300);

/** Where the log of a build's Job is read, for messages. */
export const logCommand = (job: string): string =>
  `kubectl logs -n ${BUILD_NAMESPACE} job/${job} -c ${KANIKO_CONTAINER}`;
