import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Watches the pods of a namespace's Knative revisions from outside, by kubectl, and tells how long each cold start took. It knows nothing
 * of the builder: only that a pod appeared, is Ready or is gone, on this process's clock.
 */
export class PodStarts {
  /** By revision, its pods that are there, and whether each is Ready. */
  private readonly revisions = new Map<string, Map<string, boolean>>();
  /** When the pods appeared whose start is a cold one. */
  private readonly cold = new Map<string, number>();
  private readonly child: ChildProcess;
  /** Seconds of each cold start: from a pod appearing where its revision had none to that pod Ready. */
  readonly seconds: number[] = [];

  constructor(namespace: string) {
    this.child = spawn(
      "kubectl",
      [
        ...["get", "pods", "--watch", "--output-watch-events", "--namespace", namespace],
        "--selector=serving.knative.dev/revision",
        '--output=jsonpath={.type} {.object.metadata.name} {.object.metadata.labels.serving\\.knative\\.dev/revision} {.object.status.conditions[?(@.type=="Ready")].status} {.object.metadata.deletionTimestamp}{"\\n"}',
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    if (this.child.stdout === null) throw new Error("kubectl has no output");
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      const [type = "", pod = "", revision = "", ready = "", leaves = ""] = line.split(" ");
      // One that is asked to go serves nobody new, ready as it may be.
      this.see(type, pod, revision, ready === "True" && leaves === "");
    });
  }

  private see(type: string, pod: string, revision: string, ready: boolean): void {
    const pods = this.revisions.get(revision) ?? new Map<string, boolean>();
    this.revisions.set(revision, pods);
    if (type === "DELETED") {
      pods.delete(pod);
      return;
    }
    if (!pods.has(pod) && ![...pods.values()].includes(true)) this.cold.set(pod, performance.now());
    pods.set(pod, ready);
    const appeared = this.cold.get(pod);
    if (!ready || appeared === undefined) return;
    this.cold.delete(pod);
    this.seconds.push((performance.now() - appeared) / 1000);
  }

  stop(): void {
    this.child.kill();
  }
}
