import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LABELS } from "../../../contract/labels";
import { BUILD_NAMESPACE, CLUSTER_QUEUE, SYSTEM_NAMESPACE } from "../../../contract/names";
import { bundle } from "../../../tools/bundle/bundle";
import { ApiServer, Refused } from "../../support/apiServer";
import { BuilderProcess } from "../../support/builderProcess";
import { BuildPlayer } from "../../support/buildPlayer";
import { kubectl, type KubernetesObject } from "../../support/kubectl";
import { LocalObjects } from "../../support/localObjects";
import { OciRegistry } from "../../support/ociRegistry";
import { updatedServicesBecomeReady } from "../../support/playedServices";
import { ApiGate } from "./apiGate";
import type { Accepted, FunctionObject, JobObject, Settled } from "./checker";
import { ContextService } from "./contextService";
import { History } from "../../support/history";
import { sourceOf } from "./initContainer";
import { until, untilNone } from "./until";

export const S3 = process.env["AWS_ENDPOINT_URL_S3"] ?? "http://127.0.0.1:15555";
const FUNCTIONS = "/apis/lambda.knative.io/v1alpha1";
const BUILD_SECONDS = 1;
/** Of functions whose names say so. */
const SLOW_BUILD_SECONDS = 12;
const BUILDERS = ["builder-a", "builder-b", "builder-c"];

interface ClusterQueue {
  spec: { resourceGroups: { flavors: { resources: { name: string; nominalQuota: string }[] }[] }[] };
}

const specOf = (code: string): object => ({
  source: { type: "inline", inline: { code } },
  runtime: { language: "python", version: "3.11", handler: "main.handler" },
});

/** Does something to each of many, so many at once. */
async function atOnce<T>(many: number, all: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one);
  };
  await Promise.all(Array.from({ length: many }, worker));
}

/** What a function or a build may leave: these kinds, in the namespaces of builder, builds and functions. */
const KINDS = [
  "/apis/batch/v1/%/jobs",
  "/api/v1/%/pods",
  "/api/v1/%/secrets",
  "/api/v1/%/configmaps",
  "/apis/coordination.k8s.io/v1/%/leases",
  "/apis/serving.knative.dev/v1/%/services",
  "/apis/kueue.x-k8s.io/v1beta2/%/workloads",
  "/apis/lambda.knative.io/v1alpha1/%/lambdafunctions",
];

/** The platform in the lab, with three builders: what is played is Kaniko (support/buildPlayer.ts), Knative and the registry. */
export class Platform {
  readonly registry = new OciRegistry();
  /** Images of functions that are deleted: nobody's, until the registry's rules expire them. */
  private readonly ofThePast = new Set<string>();
  readonly builders: BuilderProcess[] = [];
  /** What the API server took last, by `namespace/name`. */
  readonly accepted = new Map<string, Accepted>();
  private readonly closing: (() => unknown)[] = [];
  private readonly contexts = new ContextService(() =>
    this.builders.filter(({ isRunning }) => isRunning).map(({ ports }) => ports.context),
  );

  private constructor(
    readonly api: ApiServer,
    readonly gate: ApiGate,
    readonly functions: History<FunctionObject>,
    readonly jobs: History<JobObject>,
    private readonly namespaces: readonly string[],
  ) {}

  /**
   * @param limit of builds at once
   * @param others namespaces for functions beside the platform's own; they are made
   */
  static async start(limit: number, others: readonly string[] = []): Promise<Platform> {
    const api = await ApiServer.connect();
    const platform = new Platform(
      api,
      new ApiGate(api),
      new History(api, `${FUNCTIONS}/lambdafunctions`),
      new History(api, `/apis/batch/v1/namespaces/${BUILD_NAMESPACE}/jobs`),
      [BUILD_NAMESPACE, ...others],
    );
    platform.closing.push(() => api.close());
    try {
      await platform.begin(limit, others);
    } catch (error) {
      await platform.stop().catch((after: unknown) => {
        console.error((after as Error).message);
      });
      throw error;
    }
    return platform;
  }

  private async begin(limit: number, others: readonly string[]): Promise<void> {
    const { registry, closing, gate, contexts } = this;
    await registry.listen();
    closing.push(() => {
      registry.close();
    });
    registry.put("python", "3.11-slim", "base python");
    await fetch(`${S3}/function-sources`, { method: "PUT" });
    const objects = await LocalObjects.of(
      `builderService.kanikoJobLimit=${limit}`,
      `imageRepositories.registry=${registry.host}`,
      `imageRepositories.baseImages.python=${registry.host}/python:3.11-slim`,
      `sourceBucket.endpoint=${S3}`,
      "builderService.logLevel=info",
      `functions.namespaces=${JSON.stringify(this.namespaces)}`,
    );
    for (const name of others) {
      await this.api.apply(`/api/v1/namespaces/${name}`, {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      });
      closing.push(() => this.api.delete(`/api/v1/namespaces/${name}`));
    }
    closing.push(() => objects.remove());
    closing.push(() => this.forgetEvents());
    await objects.apply();
    closing.push(await updatedServicesBecomeReady());
    const secondsOf = (name: string): number =>
      name.startsWith("slow-") ? SLOW_BUILD_SECONDS : BUILD_SECONDS;
    const player = new BuildPlayer(registry, secondsOf, undefined, sourceOf);
    // Whatever of it has begun.
    closing.push(() => player.stop());
    await player.start();
    for (const part of [this.functions, this.jobs]) {
      closing.push(() => part.stop());
      await part.start();
    }
    for (const part of [gate, contexts]) {
      await part.listen();
      closing.push(() => {
        part.close();
      });
    }
    const folder = await mkdtemp(join(tmpdir(), "builder-bundle-"));
    closing.push(() => rm(folder, { recursive: true }));
    const { file } = await bundle(undefined, join(folder, "builder.cjs"));
    for (const name of BUILDERS) {
      const builder = await BuilderProcess.start(name, objects.environment, undefined, {
        program: [file],
        contextUrl: contexts.url,
        server: gate.url,
      });
      this.builders.push(builder);
      closing.push(() => builder.stop());
    }
    this.environment = objects.environment;
  }

  private environment: Readonly<Record<string, string>> = {};
  private readonly pods: string[] = [];

  /** Sets how many builds the queue lets run at once. */
  async quota(pods: number): Promise<void> {
    const path = `/apis/kueue.x-k8s.io/v1beta2/clusterqueues/${CLUSTER_QUEUE}`;
    const { spec } = await this.api.get<ClusterQueue>(path);
    const resourceGroups = spec.resourceGroups.map((group) => ({
      ...group,
      flavors: group.flavors.map((flavor) => ({
        ...flavor,
        resources: flavor.resources.map((one) =>
          one.name === "pods" ? { ...one, nominalQuota: String(pods) } : one,
        ),
      })),
    }));
    await this.api.merge(path, { spec: { resourceGroups } });
  }

  /** Sends an event that makes a function, or deletes it, as somebody who may write functions. */
  async sendEvent(what: "create" | "delete", name: string): Promise<void> {
    const namespace = BUILD_NAMESPACE;
    const account = `${namespace}:default`;
    const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings/event-sender`;
    await this.api.apply(role, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "event-sender", namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
    });
    const token = (await kubectl(["create", "token", "default", "--namespace", namespace])).trim();
    const code = `def handler(data):\n    return "by event"\n`;
    const event = {
      specversion: "1.0",
      id: `${what} ${name}`,
      source: "/test",
      type: `io.knative.lambda.command.service.${what}`,
      datacontenttype: "application/json",
      data: { metadata: { name, namespace }, ...(what === "create" ? { spec: specOf(code) } : {}) },
    };
    let status: number | undefined;
    const taken = await until(
      async () => {
        ({ status } = await fetch(this.builders[0]?.url ?? "", {
          method: "POST",
          headers: { "content-type": "application/cloudevents+json", authorization: `Bearer ${token}` },
          body: JSON.stringify(event),
        }));
        return status === 202;
      },
      // RBAC's caches take a moment to know of a binding.
      120,
      500,
    );
    if (!taken) throw new Error(`${account}'s event was answered ${status ?? "not at all"}`);
    if (what === "create") this.accepted.set(`${namespace}/${name}`, { namespace, name, code });
  }

  /** A builder's program whose templates have another version. It goes with the platform. */
  async bundleOf(templateVersion: number): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "builder-bundle-"));
    this.closing.push(() => rm(folder, { recursive: true }));
    return (await bundle(undefined, join(folder, "builder.cjs"), { templateVersion })).file;
  }

  /** The version of the templates by which a function's image was built, as its status says. */
  templateVersionOf({ namespace, name }: Accepted): number {
    return this.functions.now.get(`${namespace}/${name}`)?.status?.buildStatus?.templateVersion ?? 1;
  }

  /** Has functions be in use: with a pod of their revision, as Knative would start. @returns They */
  async use(functions: readonly Accepted[]): Promise<readonly Accepted[]> {
    for (const { namespace, name } of functions) {
      const { latestRevision } = this.functions.now.get(`${namespace}/${name}`)?.status?.serviceStatus ?? {};
      if (latestRevision === undefined) throw new Error(`${name} has no revision that could be in use`);
      const path = `/api/v1/namespaces/${namespace}/pods/${name}-in-use`;
      await this.api.apply(path, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
          name: `${name}-in-use`,
          namespace,
          labels: { "serving.knative.dev/revision": latestRevision, [LABELS.function]: name },
        },
        spec: { containers: [{ name: "user-container", image: "played" }], terminationGracePeriodSeconds: 0 },
      });
      this.pods.push(path);
    }
    return functions;
  }

  /** Takes the pods of {@link use} away. */
  async unuse(): Promise<void> {
    for (const path of this.pods.splice(0)) await this.api.delete(path);
  }

  /** Takes everything away again, whatever fails meanwhile. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closing.splice(0).reverse())
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
  }

  /** As users do: sends what they want until it is taken. */
  async apply(functions: readonly Accepted[]): Promise<void> {
    await atOnce(8, functions, (wanted) => this.send(wanted));
  }

  private async send(wanted: Accepted): Promise<void> {
    const { namespace, name, code } = wanted;
    const object = {
      apiVersion: "lambda.knative.io/v1alpha1",
      kind: "LambdaFunction",
      metadata: { name, namespace },
      spec: specOf(code),
    };
    const path = `${FUNCTIONS}/namespaces/${namespace}/lambdafunctions/${name}`;
    let refusal: unknown;
    const taken = await until(
      () =>
        this.api.apply(path, object).then(
          () => true,
          (error: unknown) => {
            refusal = error;
            return false;
          },
        ),
      180,
      200,
    );
    if (!taken) throw refusal as Error;
    this.accepted.set(`${namespace}/${name}`, wanted);
  }

  /** Functions that are Ready with the spec that was accepted last. */
  ready(): number {
    return [...this.accepted].filter(([key, { code }]) => {
      const { spec, status, metadata } = this.functions.now.get(key) ?? {};
      return (
        spec?.source.inline.code === code &&
        status?.phase === "Ready" &&
        status.observedGeneration === metadata?.generation
      );
    }).length;
  }

  /** Waits until all accepted functions are Ready, and fails with those that are not. */
  async settled(seconds: number): Promise<void> {
    if (await until(() => this.ready() === this.accepted.size, seconds)) return;
    const logs = this.builders.map((builder) => `--- ${builder.name}\n${builder.log(15)}`).join("\n");
    throw new Error(`${this.ready()} of ${this.accepted.size} are Ready after ${seconds} s\n${logs}`);
  }

  /** Deletes all functions and waits until they are gone. */
  async clear(): Promise<void> {
    const keys = [...this.accepted.values()];
    this.accepted.clear();
    await atOnce(8, keys, ({ namespace, name }) =>
      this.api.delete(`${FUNCTIONS}/namespaces/${namespace}/lambdafunctions/${name}`),
    );
    const left = await untilNone(() => Promise.resolve([...this.functions.now.keys()]), 120);
    if (left.length > 0) throw new Error(`no fewer after 120 s: ${left.join(", ")}`);
    for (const { namespace } of keys) {
      const repository = this.repositoryOf(namespace);
      for (const tag of this.registry.tags(repository)) this.ofThePast.add(`${repository}:${tag}`);
    }
  }

  /** Deletes the events of hundreds of builds. With its namespace they would go one after the other. */
  private async forgetEvents(): Promise<void> {
    for (const namespace of this.namespaces) {
      const path = `/api/v1/namespaces/${namespace}/events`;
      const { items } = await this.api.get<{ items: KubernetesObject[] }>(path);
      await atOnce(16, items, ({ metadata }) =>
        this.api.delete(`${path}/${metadata.name}`).catch((error: unknown) => {
          if (!(error instanceof Refused && error.code === 404)) throw error;
        }),
      );
    }
  }

  /** A namespace's repository, as a path in the registry. */
  private repositoryOf(namespace: string): string {
    return `${(this.environment["FUNCTIONS_REPO"] ?? "").replace(/^[^/]*\//, "")}/${namespace}`;
  }

  /** What the checker judges. */
  async world(): Promise<Settled> {
    const list = async <T extends KubernetesObject>(kind: string): Promise<T[]> =>
      (
        await Promise.all(
          this.namespaces.map((namespace) =>
            this.api.get<{ items: T[] }>(kind.replace("%", `namespaces/${namespace}`)),
          ),
        )
      ).flatMap(({ items }) => items);
    return {
      accepted: [...this.accepted.values()],
      functions: await list("/apis/lambda.knative.io/v1alpha1/%/lambdafunctions"),
      services: await list("/apis/serving.knative.dev/v1/%/services"),
      configMaps: await list("/api/v1/%/configmaps"),
      images: {
        tags: (repository) =>
          this.registry.tags(repository).filter((tag) => !this.ofThePast.has(`${repository}:${tag}`)),
        digest: (repository, tag) => this.registry.digest(repository, tag),
        contents: (repository, reference) => this.registry.contents(repository, reference),
      },
      repository: this.environment["FUNCTIONS_REPO"] ?? "",
    };
  }

  /** `kind namespace/name` of all objects that a function may leave, and the registry's tags that keep images. */
  async everything(): Promise<string[]> {
    const found: string[] = [];
    for (const namespace of new Set([...this.namespaces, SYSTEM_NAMESPACE])) {
      for (const kind of KINDS) {
        const path = kind.replace("%", `namespaces/${namespace}`);
        const { items } = await this.api.get<{ items: KubernetesObject[] }>(path);
        const plural = path.slice(path.lastIndexOf("/") + 1);
        found.push(...items.map(({ metadata }) => `${plural} ${namespace}/${metadata.name}`));
      }
      const repository = this.repositoryOf(namespace);
      found.push(
        ...this.registry
          .tags(repository)
          .filter((tag) => tag.startsWith("live-"))
          .map((tag) => `tag ${repository}:${tag}`),
      );
    }
    return found.sort();
  }
}
