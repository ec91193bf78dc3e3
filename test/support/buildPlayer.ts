import { BUILD_NAMESPACE, KANIKO_CONTAINER } from "../../contract/names";
import { LABELS } from "../../contract/labels";
import type { Job, Pod } from "../../builder/kubernetes/resources";
import { kubectl } from "./kubectl";
import type { OciRegistry } from "./ociRegistry";
import { setTimeout as delay } from "node:timers/promises";

/** KWOK's Stage by which pods of Jobs succeed at once. The player takes its place while it plays. */
const STAGE = "pod-complete";

/**
 * Plays Kaniko for pods on nodes that KWOK plays: pushes an image to where the pod's arguments say, then ends the pod as Kaniko would,
 * with the digest as its last word. It also counts how many builds the queue let run at once.
 */
export class BuildPlayer {
  private readonly stopped = new AbortController();
  private readonly played = new Set<string>();
  private stage: string | undefined;
  private running: Promise<void> | undefined;
  /** Most Jobs that were admitted and not ended at the same time. */
  mostAdmitted = 0;
  /** Names of all Jobs ever seen. */
  readonly jobs = new Set<string>();

  /** @param seconds that a build takes, or that of a function takes @param skips functions whose builds another plays */
  constructor(
    private readonly registry: OciRegistry,
    private readonly seconds: number | ((functionName: string) => number),
    private readonly skips: (functionName: string) => boolean = () => false,
  ) {}

  async start(): Promise<void> {
    this.stage = await kubectl(["get", "stage", STAGE, "--output", "json"]);
    await kubectl(["delete", "stage", STAGE]);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
    if (this.stage !== undefined) {
      const { metadata, ...rest } = JSON.parse(this.stage) as { metadata: { name: string } };
      await kubectl(
        ["apply", "--server-side", "--force-conflicts", "--filename", "-"],
        JSON.stringify({ ...rest, metadata: { name: metadata.name } }),
      );
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      await this.look(signal).catch((error: unknown) => {
        if (!signal.aborted) console.error("player:", (error as Error).message);
      });
      await delay(150, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    const selector = `${LABELS.build}=true`;
    const jobs = JSON.parse(
      await kubectl([
        "get",
        "jobs",
        "--namespace",
        BUILD_NAMESPACE,
        "--selector",
        selector,
        "--output",
        "json",
      ]),
    ) as { items: Job[] };
    for (const { metadata } of jobs.items) this.jobs.add(metadata.name);
    const admitted = jobs.items.filter(
      ({ spec, status }) =>
        spec?.suspend === false &&
        !(status?.conditions ?? []).some(({ type }) => type === "Complete" || type === "Failed"),
    );
    this.mostAdmitted = Math.max(this.mostAdmitted, admitted.length);
    const pods = JSON.parse(
      await kubectl([
        "get",
        "pods",
        "--namespace",
        BUILD_NAMESPACE,
        "--selector",
        selector,
        "--output",
        "json",
      ]),
    ) as { items: Pod[] };
    const fresh = pods.items.filter(
      ({ metadata, status }) =>
        status?.phase === "Running" &&
        !this.played.has(metadata.name) &&
        !this.skips(metadata.labels?.[LABELS.function] ?? ""),
    );
    for (const pod of fresh) {
      this.played.add(pod.metadata.name);
      const functionName = pod.metadata.labels?.[LABELS.function] ?? "";
      const seconds = typeof this.seconds === "number" ? this.seconds : this.seconds(functionName);
      void delay(seconds * 1000, undefined, { signal }).then(
        () => this.finish(pod),
        () => undefined,
      );
    }
  }

  private async finish(pod: Pod): Promise<void> {
    const { name } = pod.metadata;
    const args = pod.spec?.containers.find((container) => container.name === KANIKO_CONTAINER)?.args ?? [];
    const destinations = args
      .filter((arg) => arg.startsWith("--destination="))
      .map((arg) => arg.slice("--destination=".length));
    let digest = "";
    for (const destination of destinations) {
      const path = destination.slice(destination.indexOf("/") + 1);
      const colon = path.lastIndexOf(":");
      digest = this.registry.put(path.slice(0, colon), path.slice(colon + 1), destination);
    }
    const now = new Date().toISOString();
    const ended = (container: string, message?: string) => ({
      name: container,
      image: "played",
      imageID: "played",
      ready: false,
      restartCount: 0,
      state: {
        terminated: {
          exitCode: 0,
          reason: "Completed",
          startedAt: now,
          finishedAt: now,
          ...(message === undefined ? {} : { message }),
        },
      },
    });
    const status = { phase: "Succeeded", containerStatuses: [ended(KANIKO_CONTAINER, digest)] };
    await kubectl([
      "patch",
      "pod",
      name,
      "--namespace",
      BUILD_NAMESPACE,
      "--subresource=status",
      "--type=merge",
      "--patch",
      JSON.stringify({ status }),
    ]).catch((error: unknown) => {
      console.error("player:", (error as Error).message);
    });
  }
}
