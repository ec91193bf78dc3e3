import { randomBytes } from "node:crypto";
import { TEMPLATE_VERSION } from "../../../../builder/build/templateVersion";
import { composeController } from "../../../../builder/reconcile/compose";
import type { Controller } from "../../../../builder/reconcile/controller";
import { leaseLabels } from "../../../../builder/reconcile/controller";
import type { Refresh } from "../../../../builder/reconcile/refresh";
import { secretReader } from "../../../../builder/reconcile/secrets";
import type { ObjectEvent } from "../../../../builder/kubernetes/events";
import { Ownership } from "../../../../builder/kubernetes/ownership";
import type { KubernetesClient } from "../../../../builder/kubernetes/client";
import type { Connection } from "../../../../builder/kubernetes/connection";
import { silent } from "../../../../builder/log";
import { Metrics } from "../../../../builder/metrics";
import { anonymous } from "../../../../builder/registry/login";
import { Registries } from "../../../../builder/registry/registries";
import type { Stretch, Tracing } from "../../../../builder/tracing";
import type { Environment } from "../../../../contract/environment";
import { SYSTEM_NAMESPACE } from "../../../../contract/names";
import { until } from "../../support/loopback";
import type { ClusterApi } from "../../support/clusterApi";
import type { Sources } from "./sources";

export interface ReplicaArgs {
  api: ClusterApi;
  environment: Environment;
  sources: Sources;
  now: () => Date;
  /** @default "builder-1" */
  name?: string | undefined;
  /** Takes every function for its own, as replicas that don't know of each other do. @default false */
  everything?: boolean | undefined;
  /** Version of its templates. @default that of the sources */
  templateVersion?: number | undefined;
  /** Also told of spans. */
  tracing?: Pick<Tracing, "say"> | undefined;
  /** Longest time of a fetch, in milliseconds. @default that of the sources */
  fetchMs?: number | undefined;
}

const KEY = randomBytes(32);
/** So that no test waits for a refresh. */
const REFRESH_MS = 10;

/** A builder's controller, wired as the service wires it, with sources and clock that a test plays. */
export class Replica {
  readonly events: { of: string; event: ObjectEvent }[] = [];
  readonly spans: Stretch[] = [];
  readonly metrics = new Metrics();
  readonly contexts = new Set<string>();
  /** Of the contexts, in the order in which they were kept. */
  readonly dockerfiles: string[] = [];
  readonly controller: Controller;
  private readonly refresh: Refresh;
  readonly client: KubernetesClient;
  private readonly connection: Connection;
  private readonly stop = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private readonly ownership: Ownership;

  private constructor(private readonly args: ReplicaArgs) {
    const { api, environment, sources, now, name = "builder-1", everything = false } = args;
    const { templateVersion = TEMPLATE_VERSION, fetchMs } = args;
    this.connection = api.connection();
    // Back-offs at their shortest.
    this.client = api.client(name, this.connection, { random: () => 0 });
    const { client } = this;
    this.ownership = new Ownership({
      client,
      namespace: SYSTEM_NAMESPACE,
      identity: name,
      labels: leaseLabels,
      templateVersion,
    });
    if (everything) this.ownership.owns = () => true;
    const { controller, refresh } = composeController({
      environment,
      client,
      ownership: this.ownership,
      registries: new Registries({
        registry: environment.REGISTRY,
        insecure: true,
        login: () => anonymous,
      }),
      fetcher: sources,
      contexts: {
        keep: (context) => {
          this.contexts.add(context.hash);
          this.dockerfiles.push(
            String(context.files.find(({ path }) => path === "Dockerfile")?.contents ?? ""),
          );
          return Promise.resolve();
        },
      },
      readSecret: secretReader(client),
      tokenKey: () => Promise.resolve(KEY),
      untag: undefined,
      events: {
        record: (of, event) => {
          this.events.push({ of: of.metadata.name, event });
        },
      },
      metrics: this.metrics,
      tracing: {
        say: (fn, stretch) => {
          this.spans.push(stretch);
          args.tracing?.say(fn, stretch);
        },
      },
      log: silent,
      now,
      templateVersion,
      refreshEveryMs: REFRESH_MS,
      fetchMs,
    });
    this.controller = controller;
    this.refresh = refresh;
  }

  static async start(args: ReplicaArgs): Promise<Replica> {
    const replica = new Replica(args);
    const { controller, ownership, refresh, stop } = replica;
    replica.running = Promise.all([
      ownership.run(stop.signal),
      controller.run(stop.signal),
      refresh.run(stop.signal),
    ]);
    await until(
      "the replica to be ready",
      () => controller.problem === undefined && ownership.members.length > 0,
    );
    return replica;
  }

  get name(): string {
    return this.args.name ?? "builder-1";
  }

  get busy(): boolean {
    const { active, depth } = this.controller.queue;
    return active + depth > 0;
  }

  /** Looks at a function now. */
  look(key: string): void {
    this.controller.queue.add(key);
  }

  /** Ends it as SIGKILL would: nothing that it still wants reaches the API server. */
  kill(): void {
    this.args.api.kill(this.name);
    void this.end();
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.connection.close();
    await this.running.catch(() => undefined);
  }
}
