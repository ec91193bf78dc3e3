import type { EndedBuild } from "../../../../builder/build/failure";

type Job = EndedBuild["job"];
type Pod = NonNullable<EndedBuild["pod"]>;

export const started = "2026-11-25T04:00:00Z";
export const job = (type?: string, reason?: string): Job =>
  ({
    metadata: { name: "build-a-0" },
    spec: { activeDeadlineSeconds: 600, template: {} },
    status: { conditions: type === undefined ? [] : [{ type, status: "True", reason, message: "" }] },
  }) as unknown as Job;
export const failed = job("Failed", "BackoffLimitExceeded");

/** @param terminated of Kaniko's container */
export const pod = (terminated: object | undefined, status: object = {}): Pod =>
  ({
    metadata: { name: "build-a-0-x" },
    status: {
      startTime: started,
      containerStatuses: [
        { name: "kaniko", image: "registry.example.com/kaniko:v1", state: terminated && { terminated } },
      ],
      ...status,
    },
  }) as unknown as Pod;
export const ended = (exitCode: number, reason = "Error", message?: string) =>
  pod({ exitCode, reason, message });
export const waiting = (container: "context" | "kaniko", reason: string): Pod =>
  pod(undefined, {
    [container === "kaniko" ? "containerStatuses" : "initContainerStatuses"]: [
      {
        name: container,
        image: `registry.example.com/${container}:v1`,
        state: { waiting: { reason, message: "not found\nsecond line" } },
      },
    ],
  });
