import type { AuthorReason } from "../../contract/function/reasons";
import type { Pod } from "../kubernetes/resources";
import { FUNCTION_CONTAINER } from "./knativeService";

/** Why a revision's pod does not come up. */
export interface StartFailure {
  reason: Extract<AuthorReason, "FunctionCrashed" | "ImagePullFailed" | "PodRefused">;
  message: string;
}

/**
 * Says why a pod doesn't start, once it has failed at it. Knative itself says so only when its progress deadline, ten minutes, is over. A pod that comes
 * up after all is Ready, and then nothing of this holds.
 */
export function startFailure({ status }: Pod): StartFailure | undefined {
  const container = status?.containerStatuses?.find(({ name }) => name === FUNCTION_CONTAINER);
  if (container === undefined || container.ready) return undefined;
  const { reason = "", message = "" } = container.state?.waiting ?? {};
  if (/^(ImagePullBackOff|ErrImagePull|InvalidImageName)$/.test(reason))
    return {
      reason: "ImagePullFailed",
      message: `the image can't be pulled: ${firstLine(message || reason)}`,
    };
  if (/^(CreateContainerConfigError|CreateContainerError|RunContainerError)$/.test(reason))
    return { reason: "PodRefused", message: `the container can't be made: ${firstLine(message || reason)}` };
  const ended = container.state?.terminated ?? container.lastState?.terminated;
  if (ended === undefined || ended.exitCode === 0 || container.restartCount < 1) return undefined;
  const said = ended.message?.trim().split("\n").slice(-LINES).join("\n") ?? "";
  return {
    reason: "FunctionCrashed",
    message:
      ended.reason === "OOMKilled"
        ? "the function runs out of memory as it starts; raise spec.resources.limits.memory"
        : `the function ends with exit code ${ended.exitCode} as it starts${said === "" ? "" : `:\n${said}`}`,
  };
}

const LINES = 10;

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").slice(0, 300);
