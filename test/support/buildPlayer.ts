import { BUILD_NAMESPACE, KANIKO_CONTAINER } from "../../contract/names";
import { LABELS } from "../../contract/labels";
import { CONTEXT_CONTAINER } from "../../builder/build/buildJob";
import type { Job, Pod } from "../../builder/kubernetes/resources";
import { ApiServer, Refused } from "./apiServer";
import { History } from "./history";
import { type KubernetesObject, kubectl } from "./kubectl";
import type { OciRegistry } from "./ociRegistry";
import { setTimeout as delay } from "node:timers/promises";

const SELECTOR = encodeURIComponent(`${LABELS.build}=true`);
const JOBS = `/apis/batch/v1/namespaces/${BUILD_NAMESPACE}/jobs?labelSelector=${SELECTOR}`;
const PODS = `/api/v1/namespaces/${BUILD_NAMESPACE}/pods`;

/** Address of pods whose init containers are played: who plays them asks from there. */
const PLAYED_ADDRESS = "127.0.0.1";

/** KWOK's Stage by which pods of Jobs succeed at once. The player takes its place while it plays. */
const COMPLETE = "pod-complete";
/** KWOK's Stage by which pods run at once, their init containers done. Builds of which the player plays these too are taken out of it. */
const READY = "pod-ready";

/** As a watch has it. */
type Played<T> = T & KubernetesObject;

interface Stage {
  metadata: { name: string };
  spec: { selector: { matchExpressions?: object[] } };
}

/**
 * Plays Kaniko for pods on nodes that KWOK plays: pushes an image to where the pod's arguments say, then ends the pod as Kaniko would,
 * with the digest as its last word. It also counts how many builds the queue let run at once.
 */
export class BuildPlayer {
  private readonly stopped = new AbortController();
  private readonly played = new Set<string>();
  /** What was there before. */
  private readonly stages: Stage[] = [];
  private running: Promise<void> | undefined;
  private api: ApiServer | undefined;
  /** Most Jobs that were admitted and not ended at the same time. */
  mostAdmitted = 0;
  /** Names of all Jobs ever seen. */
  readonly jobs = new Set<string>();

  /**
   * @param seconds that a build takes, or that of a function takes, as soon as they are said
   * @param skips functions whose builds another plays
   * @param initialise plays a pod's init container, and answers what the build's image holds; a build whose init container fails has failed
   */
  constructor(
    private readonly registry: OciRegistry,
    private readonly seconds: number | ((functionName: string) => number | Promise<number>),
    private readonly skips: (functionName: string) => boolean = () => false,
    private readonly initialise?: (pod: Pod, signal: AbortSignal) => Promise<string>,
  ) {}

  async start(): Promise<void> {
    const complete = await readStage(COMPLETE);
    this.stages.push(complete);
    await kubectl(["delete", "stage", COMPLETE]);
    if (this.initialise !== undefined) {
      const ready = await readStage(READY);
      this.stages.push(ready);
      const others = { key: `.metadata.labels["${LABELS.build}"]`, operator: "NotIn", values: ["true"] };
      const { matchExpressions = [] } = ready.spec.selector;
      await applyStage({
        ...ready,
        spec: { ...ready.spec, selector: { matchExpressions: [...matchExpressions, others] } },
      });
    }
    this.api = await ApiServer.connect();
    // By watches: thousands of Jobs, listed several times a second, would be most of what the API server does.
    const jobs = new History<Played<Job>>(this.api, JOBS, false);
    const pods = new History<Played<Pod>>(this.api, `${PODS}?labelSelector=${SELECTOR}`, false);
    await Promise.all([jobs.start(), pods.start()]);
    this.running = this.run(jobs, pods);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
    await this.api?.close();
    for (const stage of this.stages) await applyStage(stage);
  }

  private async run(jobs: History<Played<Job>>, pods: History<Played<Pod>>): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      this.look(jobs, pods, signal);
      await delay(150, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all([jobs.stop(), pods.stop()]);
  }

  private look(jobs: History<Played<Job>>, pods: History<Played<Pod>>, signal: AbortSignal): void {
    for (const { metadata } of jobs.now.values()) this.jobs.add(metadata.name);
    const admitted = [...jobs.now.values()].filter(
      ({ spec, status }) =>
        spec?.suspend === false &&
        !(status?.conditions ?? []).some(({ type }) => type === "Complete" || type === "Failed"),
    );
    this.mostAdmitted = Math.max(this.mostAdmitted, admitted.length);
    const fresh = [...pods.now.values()].filter(
      ({ metadata, spec, status }) =>
        status?.phase === (this.initialise === undefined ? "Running" : "Pending") &&
        spec?.nodeName !== undefined &&
        !this.played.has(metadata.uid ?? "") &&
        !this.skips(metadata.labels?.[LABELS.function] ?? ""),
    );
    for (const pod of fresh) {
      this.played.add(pod.metadata.uid ?? "");
      void this.play(pod, signal).catch((error: unknown) => {
        if (!signal.aborted) console.error("player:", (error as Error).message);
      });
    }
  }

  private get connection(): ApiServer {
    if (this.api === undefined) throw new Error("the player has not started");
    return this.api;
  }

  private async play(pod: Pod, signal: AbortSignal): Promise<void> {
    const args = pod.spec?.containers.find((container) => container.name === KANIKO_CONTAINER)?.args ?? [];
    const destination =
      args.find((arg) => arg.startsWith("--destination="))?.slice("--destination=".length) ?? "";
    const contents = await this.contents(pod, destination, signal);
    if (contents === undefined) return;
    const functionName = pod.metadata.labels?.[LABELS.function] ?? "";
    const seconds = typeof this.seconds === "number" ? this.seconds : await this.seconds(functionName);
    await delay(seconds * 1000, undefined, { signal });
    if (await this.isGone(pod)) return;
    const path = destination.slice(destination.indexOf("/") + 1);
    const colon = path.lastIndexOf(":");
    if (this.registry.isReachable) {
      const digest = this.registry.put(path.slice(0, colon), path.slice(colon + 1), contents);
      await this.finish(pod, KANIKO_CONTAINER, 0, digest, signal);
    } else {
      const words = `error pushing image: failed to push to destination ${destination}: dial tcp: connection refused`;
      await this.finish(pod, KANIKO_CONTAINER, 1, words, signal);
    }
  }

  /** What the image is to hold; undefined where the build has failed before it began. */
  private async contents(pod: Pod, destination: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.initialise === undefined) return destination;
    const init = (state: object) => ({ initContainerStatuses: [containerStatus(CONTEXT_CONTAINER, state)] });
    const now = new Date().toISOString();
    const address = { podIP: PLAYED_ADDRESS, podIPs: [{ ip: PLAYED_ADDRESS }] };
    await this.say(
      pod,
      { phase: "Pending", startTime: now, ...address, ...init({ running: { startedAt: now } }) },
      signal,
    );
    try {
      const contents = await this.initialise(pod, signal);
      const done = { terminated: { exitCode: 0, reason: "Completed", startedAt: now, finishedAt: now } };
      await this.say(pod, { phase: "Running", ...init(done) }, signal);
      return contents;
    } catch (error) {
      if (signal.aborted) throw error;
      const { message } = error as Error;
      console.error(`player: ${pod.metadata.name}: ${message}`);
      await this.finish(pod, CONTEXT_CONTAINER, 1, message, signal);
      return undefined;
    }
  }

  /** Whether a pod was ended before its build had come to its push. Where the API server doesn't say, the build goes on. */
  private async isGone({ metadata }: Pod): Promise<boolean> {
    const there = await this.connection
      .get<Pod>(`${PODS}/${metadata.name}`)
      .catch((error: unknown) => (error instanceof Refused && error.code === 404 ? undefined : { metadata }));
    return there === undefined || there.metadata.deletionTimestamp !== undefined;
  }

  private async finish(
    pod: Pod,
    container: string,
    exitCode: number,
    message: string,
    signal: AbortSignal,
  ): Promise<void> {
    const now = new Date().toISOString();
    const reason = exitCode === 0 ? "Completed" : "Error";
    const terminated = { exitCode, reason, startedAt: now, finishedAt: now, message };
    const status = {
      phase: exitCode === 0 ? "Succeeded" : "Failed",
      [container === KANIKO_CONTAINER ? "containerStatuses" : "initContainerStatuses"]: [
        containerStatus(container, { terminated }),
      ],
    };
    await this.say(pod, status, signal);
  }

  /** As a kubelet does: until the API server has taken it, or the pod is gone. */
  private async say({ metadata }: Pod, status: object, signal: AbortSignal): Promise<void> {
    const change = { metadata: { uid: metadata.uid }, status };
    await this.connection
      .persist(() => this.connection.merge(`${PODS}/${metadata.name}/status`, change), signal)
      .catch((error: unknown) => {
        // Gone, and with it whoever would want to know.
        if (!(error instanceof Refused && [404, 409].includes(error.code))) throw error;
      });
  }
}

const containerStatus = (name: string, state: object) => ({
  name,
  image: "played",
  imageID: "played",
  ready: false,
  restartCount: 0,
  state,
});

const readStage = async (name: string): Promise<Stage> => {
  const { metadata, ...rest } = JSON.parse(
    await kubectl(["get", "stage", name, "--output", "json"]),
  ) as Stage;
  return { ...rest, metadata: { name: metadata.name } };
};

const applyStage = (stage: Stage): Promise<string> =>
  kubectl(["apply", "--server-side", "--force-conflicts", "--filename", "-"], JSON.stringify(stage));
