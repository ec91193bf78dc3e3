import { randomUUID } from "node:crypto";
import type { Job, LambdaFunction, Lease, OpenObject } from "../../../../builder/kubernetes/resources";
import { type Command, commandAnnotation } from "../../../../contract/annotations";
import { functionSpec } from "../../../../contract/function/spec";
import { functionStatus } from "../../../../contract/function/status";
import { API_GROUP, BUILD_NAMESPACE, SYSTEM_NAMESPACE } from "../../../../contract/names";
import { ClusterApi } from "../../support/clusterApi";
import { FakeRegistry } from "../../support/fakeRegistry";
import { until } from "../../support/loopback";
import { Refused } from "../../../../tools/bench/changes";
import { type Admission } from "../../support/objectStore";
import { environmentFor } from "./environment";
import { Players } from "./players";
import { Replica, type ReplicaArgs } from "./replica";
import { Sources } from "./sources";

type Condition = NonNullable<NonNullable<LambdaFunction["status"]>["conditions"]>[number];

/** Long enough for a machine that does much else: what is waited for comes in tens of milliseconds. */
const WAIT_MS = 30_000;

/** As the CustomResourceDefinition's schema: defaults, and a status that says only what it may. */
const admitFunction: Admission = (object, status) => {
  const spec = functionSpec.safeParse(object["spec"]);
  const said = functionStatus.safeParse(object["status"] ?? {});
  const problem = spec.error ?? (status ? said.error : undefined);
  if (problem) throw new Refused(422, "Invalid", problem.message);
  return { ...object, spec: spec.data };
};

/** A cluster in memory with a registry, on which builders are let loose. */
export class Stage {
  private offset = 0;
  private readonly replicas: Replica[] = [];
  readonly namespace = "team-a";

  private constructor(
    readonly api: ClusterApi,
    readonly registry: FakeRegistry,
    readonly sources: Sources,
    readonly play: Players,
    private readonly changes: Record<string, string>,
  ) {}

  static async set(changes: Record<string, string> = {}): Promise<Stage> {
    const registry = await FakeRegistry.start();
    const clock = { now: () => new Date() };
    const api = await ClusterApi.start({ lambdafunctions: admitFunction }, () => clock.now());
    const stage = new Stage(
      api,
      registry,
      new Sources(),
      new Players(api, registry, () => clock.now()),
      changes,
    );
    clock.now = stage.now;
    return stage;
  }

  readonly now = (): Date => new Date(Date.now() + this.offset);

  /** @param everything See {@link Replica} */
  async replica(
    name = "builder-1",
    {
      everything,
      templateVersion,
      tracing,
      fetchMs,
    }: Pick<ReplicaArgs, "everything" | "templateVersion" | "tracing" | "fetchMs"> = {},
  ): Promise<Replica> {
    const { api, sources, now } = this;
    const environment = environmentFor(this.registry.host, { POD_NAME: name, ...this.changes });
    const replica = await Replica.start({
      api,
      sources,
      now,
      name,
      environment,
      everything,
      templateVersion,
      tracing,
      fetchMs,
    });
    this.replicas.push(replica);
    return replica;
  }

  /** Ends a replica by SIGKILL, and its Lease as time would. */
  kill(replica: Replica): void {
    replica.kill();
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    const leases = this.api.store.where((path) => path.includes(`${SYSTEM_NAMESPACE}/leases/`));
    for (const { metadata } of leases)
      if (metadata.name === replica.name)
        this.api.store.remove(
          `/apis/coordination.k8s.io/v1/namespaces/${SYSTEM_NAMESPACE}/leases`,
          metadata.name,
        );
  }

  async strike(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.end()));
    await this.api.close();
    await this.registry.close();
    await this.sources.dispose();
  }

  /** Time passes, by the wall clock of all builders. */
  pass(ms: number): void {
    this.offset += ms;
  }

  /** Time passes, and all builders look at a function. */
  later(ms: number, name: string): void {
    this.pass(ms);
    for (const replica of this.replicas) replica.look(`${this.namespace}/${name}`);
  }

  collection(plural = "lambdafunctions", namespace = this.namespace): string {
    const base = {
      lambdafunctions: `/apis/${API_GROUP}/v1alpha1`,
      services: "/apis/serving.knative.dev/v1",
      configmaps: "/api/v1",
    }[plural];
    return `${base ?? ""}/namespaces/${namespace}/${plural}`;
  }

  /** Applies a function with inline code, as an author does. */
  apply(
    name: string,
    code: string,
    spec: Record<string, unknown> = {},
    metadata: Record<string, unknown> = {},
  ): LambdaFunction {
    const object = {
      metadata: { name, ...metadata },
      spec: {
        source: { type: "inline", inline: { code } },
        runtime: { language: "python", version: "3.13", handler: "main.handler" },
        ...spec,
      },
    };
    return this.api.store.apply(this.collection(), object, "author") as unknown as LambdaFunction;
  }

  command(name: string, command: Command): void {
    this.api.store.change(this.collection(), name, false, (object) => {
      object.metadata.annotations = {
        ...object.metadata.annotations,
        [commandAnnotation(command)]: randomUUID(),
      };
      return object;
    });
  }

  delete(name: string): void {
    this.api.store.remove(this.collection(), name);
  }

  fn(name: string): LambdaFunction | undefined {
    return this.api.store.get(`${this.collection()}/${name}`) as LambdaFunction | undefined;
  }

  service(name: string): OpenObject | undefined {
    return this.api.store.get(`${this.collection("services")}/${name}`);
  }

  /** The image that a function's Service runs. */
  image(name: string): string | undefined {
    const template = this.service(name)?.spec?.["template"] as
      { spec: { containers: { image: string }[] } } | undefined;
    return template?.spec.containers[0]?.image;
  }

  condition(name: string, type: string): Condition | undefined {
    return this.fn(name)?.status?.conditions?.find((condition) => condition.type === type);
  }

  /** Waits for a condition to have a reason, for the present generation. */
  async says(name: string, type: string, reason: string): Promise<Condition> {
    const found = (): Condition | undefined => {
      const condition = this.condition(name, type);
      return condition?.reason === reason &&
        condition.observedGeneration === this.fn(name)?.metadata.generation
        ? condition
        : undefined;
    };
    await until(`${type} ${reason} of ${name}`, () => found() !== undefined, WAIT_MS).catch(
      (error: unknown) => {
        throw new Error(
          `${(error as Error).message}; it is ${JSON.stringify(this.fn(name)?.status, undefined, 1)}`,
        );
      },
    );
    return found() as Condition;
  }

  /** Waits for the Job of a function that has not ended, and was not there before. */
  async job(name: string, before: readonly Job[] = []): Promise<Job> {
    const known = before.map(({ metadata }) => metadata.uid);
    const running = (): Job | undefined =>
      this.play
        .jobs(name)
        .find(
          ({ metadata, status }) => !known.includes(metadata.uid) && (status?.conditions ?? []).length === 0,
        );
    await until(`a job of ${name}`, () => running() !== undefined, WAIT_MS).catch((error: unknown) => {
      throw new Error(
        `${(error as Error).message}; it is ${JSON.stringify(this.fn(name)?.status, undefined, 1)}`,
      );
    });
    return running() as Job;
  }

  /** Has a function built and served. @returns Its digest */
  async ready(
    name: string,
    code: string,
    spec: Record<string, unknown> = {},
    metadata: Record<string, unknown> = {},
  ): Promise<string> {
    const before = this.play.jobs(name);
    this.apply(name, code, spec, metadata);
    const digest = this.play.succeed(await this.job(name, before));
    await this.says(name, "DeployReady", "RolledOut");
    return digest;
  }

  /** Waits for something to be so. */
  until(what: string, holds: () => boolean, ms = WAIT_MS): Promise<void> {
    return until(what, holds, ms);
  }

  /** Waits until no builder is at work, nor has anything to do at once. */
  async settled(): Promise<void> {
    const end = performance.now() + WAIT_MS;
    for (let quiet = 0; quiet < 3; quiet += 1) {
      if (performance.now() > end) throw new Error("the builders don't come to rest");
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (this.replicas.some(({ busy }) => busy)) quiet = -1;
    }
  }

  /** What the registry keeps alive for a function. */
  liveTags(name: string): string[] {
    return this.registry
      .tagsOf(`functions/${this.namespace}`)
      .filter((tag) => tag.startsWith(`live-${name}-`));
  }

  /** Which Jobs build which images. */
  locks(): Lease[] {
    return this.api.store
      .where((path) => path.includes(`/namespaces/${BUILD_NAMESPACE}/leases/`))
      .map((lease) => lease as unknown as Lease);
  }
}
