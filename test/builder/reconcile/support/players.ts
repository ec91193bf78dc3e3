import type { Job, OpenObject, Pod } from "../../../../builder/kubernetes/resources";
import { CONTROLLER_UID_LABEL } from "../../../../builder/reconcile/cluster";
import { BUILD_NAMESPACE, KANIKO_CONTAINER } from "../../../../contract/names";
import type { ClusterApi } from "../../support/clusterApi";
import type { FakeRegistry } from "../../support/fakeRegistry";
import type { StoredObject } from "../../support/objectStore";

const JOBS = `/apis/batch/v1/namespaces/${BUILD_NAMESPACE}/jobs`;
const PODS = `/api/v1/namespaces/${BUILD_NAMESPACE}/pods`;
const SERVICES = (namespace: string): string =>
  `/apis/serving.knative.dev/v1/namespaces/${namespace}/services`;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** How a build's pod ends without an image. */
export interface Ending {
  log?: string;
  /** What the container leaves as its last word. */
  message?: string;
  reason?: string;
  exitCode?: number;
  /** The Job's own reason. */
  jobReason?: string;
  /** The pod's node was taken away. */
  disrupted?: boolean;
}

/** Plays Kueue, the Job controller, the kubelet with Kaniko, and Knative. */
export class Players {
  private pods = 0;
  /** Services whose newest revision is left as it is: the test says what becomes of it. */
  readonly slow = new Set<string>();

  constructor(
    private readonly api: ClusterApi,
    private readonly registry: FakeRegistry,
    private readonly now: () => Date,
  ) {
    api.store.onEvent(({ type, object, collection }) => {
      if (type === "DELETED" || !collection.endsWith("/services")) return;
      const service = object as unknown as OpenObject;
      const { namespace = "", name } = service.metadata;
      if (this.slow.has(`${namespace}/${name}`)) return;
      setImmediate(() => {
        this.serves(namespace, name);
      });
    });
  }

  jobs(functionName?: string): Job[] {
    return this.api.store
      .where((path) => path.startsWith(`${JOBS}/`))
      .filter(
        ({ metadata }) =>
          functionName === undefined || metadata.labels?.["lambda.knative.io/function"] === functionName,
      )
      .map((job) => job as unknown as Job);
  }

  /** Kueue admits it, and its pod starts. */
  admit({ metadata }: Job): Pod {
    this.api.store.change(JOBS, metadata.name, false, (job) => ({
      ...job,
      spec: { ...(job["spec"] as object), suspend: false },
    }));
    const job = this.jobStatus(metadata.name, {
      startTime: this.now().toISOString().replace(/\.\d+/, ""),
      active: 1,
    });
    const pod = this.api.store.create(
      PODS,
      {
        metadata: {
          name: `${metadata.name}-${++this.pods}`,
          labels: { ...metadata.labels, [CONTROLLER_UID_LABEL]: metadata.uid ?? "" },
          ownerReferences: [
            { apiVersion: "batch/v1", kind: "Job", name: metadata.name, uid: metadata.uid ?? "" },
          ],
        },
        spec: (job as unknown as Job).spec?.template.spec,
      },
      "job-controller",
    );
    return this.podStatus(pod.metadata.name, { phase: "Running" });
  }

  /** Kaniko pushes the image that its arguments say, and the Job is complete. @returns The image's digest */
  succeed(
    job: Job,
    { said, log = "", pushed = true }: { said?: string; log?: string; pushed?: boolean } = {},
  ): string {
    const pod = this.admit(job);
    const destination =
      (job.spec?.template.spec?.containers[0]?.args ?? []).find((arg) => arg.startsWith("--destination=")) ??
      "";
    const [repository = "", tag = ""] = destination
      .slice("--destination=".length)
      .replace(/^[^/]+\//, "")
      .split(":");
    const digest = pushed ? this.push(repository, tag, pod.metadata.name) : "";
    this.end(pod, { message: said ?? digest, exitCode: 0, log });
    this.jobStatus(job.metadata.name, { conditions: [this.condition("Complete", "CompletionsReached")] });
    return digest;
  }

  /** An image that differs from all others. */
  push(repository: string, tag: string, content: string): string {
    const layer = {
      mediaType: "application/vnd.oci.image.layer.v1.tar",
      size: 1_000,
      digest: this.registry.putBlob(repository, Buffer.alloc(1_000)),
    };
    const config = {
      mediaType: "application/vnd.oci.image.config.v1+json",
      size: 10,
      digest: this.registry.putBlob(repository, Buffer.from(content)),
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config,
      layers: [layer],
      annotations: { content },
    };
    return this.registry.putManifest(repository, tag, manifest, MANIFEST);
  }

  fail(job: Job, ending: Ending): void {
    const pod = this.admit(job);
    this.end(pod, ending);
    this.jobStatus(job.metadata.name, {
      conditions: [this.condition("Failed", ending.jobReason ?? "BackoffLimitExceeded")],
    });
  }

  /** The scheduler finds a node for a build's pod, or says why not. */
  schedule({ metadata: { name } }: Pod, refusal?: string): void {
    const scheduled = this.condition("PodScheduled", "");
    this.podStatus(name, {
      phase: "Pending",
      conditions: [
        refusal === undefined
          ? scheduled
          : { ...scheduled, status: "False", reason: "Unschedulable", message: refusal },
      ],
    });
  }

  /** A build's time is over: the Job has failed, and its pod goes with that. */
  runOut({ metadata: { name } }: Job, pod: Pod): void {
    this.api.store.remove(PODS, pod.metadata.name);
    this.jobStatus(name, { conditions: [this.condition("Failed", "DeadlineExceeded")] });
  }

  /** Knative has the Service's newest revision ready. */
  serves(namespace: string, name: string): void {
    const service = this.api.store.get(`${SERVICES(namespace)}/${name}`);
    if (!service) return;
    const revision = `${name}-0000${service.metadata.generation ?? 0}`;
    this.serviceStatus(namespace, name, {
      latestCreatedRevisionName: revision,
      latestReadyRevisionName: revision,
      conditions: [{ type: "Ready", status: "True" }],
    });
  }

  /** Knative gives the Service's newest revision up; the one before serves on. */
  fails(namespace: string, name: string, message: string): void {
    const service = this.api.store.get(`${SERVICES(namespace)}/${name}`);
    const before = (service?.["status"] as Record<string, unknown> | undefined)?.["latestReadyRevisionName"];
    this.serviceStatus(namespace, name, {
      latestCreatedRevisionName: `${name}-0000${service?.metadata.generation ?? 0}`,
      ...(before === undefined ? {} : { latestReadyRevisionName: before }),
      conditions: [
        { type: "ConfigurationsReady", status: "False", reason: "RevisionFailed", message },
        { type: "Ready", status: "False", reason: "RevisionFailed", message },
      ],
    });
  }

  private serviceStatus(namespace: string, name: string, status: Record<string, unknown>): void {
    this.api.store.change(SERVICES(namespace), name, true, (service) => ({
      ...service,
      status: {
        observedGeneration: service.metadata.generation,
        url: `http://${name}.${namespace}.svc`,
        ...status,
      },
    }));
  }

  private end(pod: Pod, { log, message, reason, exitCode = 1, disrupted = false }: Ending): void {
    const { namespace = "", name } = pod.metadata;
    if (log !== undefined) this.api.logs.set(`${namespace}/${name}`, log);
    this.podStatus(name, {
      phase: exitCode === 0 ? "Succeeded" : "Failed",
      ...(disrupted ? { conditions: [this.condition("DisruptionTarget", "EvictionByEvictionAPI")] } : {}),
      containerStatuses: [
        {
          name: KANIKO_CONTAINER,
          state: {
            terminated: {
              exitCode,
              ...(message === undefined ? {} : { message }),
              ...(reason === undefined ? {} : { reason }),
            },
          },
        },
      ],
    });
  }

  podStatus(name: string, status: object): StoredObject {
    return this.api.store.change(PODS, name, true, (pod) => ({
      ...pod,
      status: { ...(pod["status"] as object), ...status },
    }));
  }

  private jobStatus(name: string, status: object): StoredObject {
    return this.api.store.change(JOBS, name, true, (job) => ({
      ...job,
      status: { ...(job["status"] as object), ...status },
    }));
  }

  private condition(type: string, reason: string): object {
    return { type, status: "True", reason, lastTransitionTime: this.now().toISOString() };
  }
}
