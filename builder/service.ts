import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Environment } from "../contract/environment";
import { BUILDER, SYSTEM_NAMESPACE } from "../contract/names";
import { TEMPLATE_VERSION } from "./build/templateVersion";
import { credentialFiles } from "./context/credentialFiles";
import { contextServer } from "./context/server";
import { TokenKey } from "./context/tokenKey";
import { registryCredentials } from "./credentials";
import { intakeServers } from "./intake/intakeServer";
import { KubernetesClient } from "./kubernetes/client";
import type { Connection } from "./kubernetes/connection";
import { EventRecorder } from "./kubernetes/events";
import { Ownership } from "./kubernetes/ownership";
import { RateLimit } from "./kubernetes/rateLimit";
import { ServerClock } from "./kubernetes/serverClock";
import type { Log } from "./log";
import { Metrics } from "./metrics";
import { probesServer } from "./probes";
import { composeController } from "./reconcile/compose";
import { leaseLabels } from "./reconcile/controller";
import { secretReader } from "./reconcile/secrets";
import { CacheSizes } from "./registry/cacheSizes";
import { Registries } from "./registry/registries";
import { ContextStore } from "./source/contextStore";
import { sourceLimits } from "./source/limits";
import { SourceFetcher } from "./source/sourceFetcher";
import type { Tracing } from "./tracing";
import { platformBucket } from "./source/store/platformBucket";

export interface ServiceArgs {
  environment: Environment;
  connection: Connection;
  tracing: Tracing;
  log: Log;
}

/** Requests to the API server that one replica sends a second. Events have a limit of their own, and take nothing from builds. */
const WORK_RATE = { perSecond: 100, burst: 200 };
const INTAKE_RATE = { perSecond: 100, burst: 200 };

/** Runs a replica of the builder until `stop` aborts, and then until what it has begun is done. */
export async function runService(
  { environment, connection, tracing, log }: ServiceArgs,
  stop: AbortSignal,
): Promise<void> {
  const clock = new ServerClock();
  const clientFor = (rate: typeof WORK_RATE): KubernetesClient =>
    new KubernetesClient({
      connection,
      rateLimit: new RateLimit(rate),
      userAgent: BUILDER,
      fieldManager: BUILDER,
      clock,
    });
  const client = clientFor(WORK_RATE);
  const workFolder = await mkdtemp(join(tmpdir(), "builder-"));
  const metrics = new Metrics();
  for (const namespace of new Set([...environment.FUNCTION_NAMESPACES, environment.DEFAULT_NAMESPACE]))
    metrics.expect(namespace);

  const bucket = platformBucket(environment);
  const contexts = new ContextStore(bucket, workFolder);
  const { login, mint, untag } = registryCredentials(environment, client);
  const registries = new Registries({
    registry: environment.REGISTRY,
    insecure: environment.REGISTRY_INSECURE,
    login,
    onThrottled: () => {
      metrics.count("registry_throttled_total", { seen_by: "builder" });
    },
  });
  const readSecret = secretReader(client);
  const fetcher = new SourceFetcher({
    workFolder,
    limits: sourceLimits(environment),
    internalHosts: environment.SOURCES_INTERNAL_HOSTS,
    platformBucket: bucket,
    readSecret,
  });
  const tokenKey = new TokenKey(client, SYSTEM_NAMESPACE);
  const events = new EventRecorder({ client, identity: environment.POD_NAME, log });
  const ownership = new Ownership({
    client,
    namespace: SYSTEM_NAMESPACE,
    identity: environment.POD_NAME,
    labels: leaseLabels,
    templateVersion: TEMPLATE_VERSION,
    log,
  });
  const { controller, refresh } = composeController({
    environment,
    client,
    ownership,
    registries,
    fetcher,
    contexts,
    readSecret,
    tokenKey: () => tokenKey.get(),
    untag,
    events,
    metrics,
    tracing,
    log,
    now: () => clock.now(),
  });
  const { cluster } = controller;
  const cacheSizes = new CacheSizes({
    environment,
    registry: (namespace) => registries.platform(namespace),
    namespaces: () => [...new Set(cluster.functions.list().map(({ metadata }) => metadata.namespace ?? ""))],
    owns: (key) => ownership.owns(key),
    log,
  });
  metrics.gauge("kaniko_cache_size_bytes", () =>
    [...cacheSizes.sizes].map(([function_namespace, value]) => ({ labels: { function_namespace }, value })),
  );
  metrics.gauge("credential_expires_timestamp_seconds", () =>
    [...(connection.expiries?.() ?? [])].map(([credential, value]) => ({ labels: { credential }, value })),
  );

  const contextPort = contextServer({
    openContext: (hash, signal) => contexts.open(hash, signal),
    credentials: credentialFiles(client, mint),
    key: () => tokenKey.get(),
    build: (jobName) => {
      const job = cluster.jobs.get(`${environment.BUILD_NAMESPACE}/${jobName}`);
      return { job, pods: job === undefined ? [] : cluster.pods.by("job", job.metadata.uid ?? "") };
    },
    log,
  });
  const intake = intakeServers({ environment, client: clientFor(INTAKE_RATE), tracing, log });
  const probes = probesServer({
    metrics,
    notReady: () => (stop.aborted ? "stopping" : controller.problem),
    notLive: () => controller.stuck,
  });

  const listening: (readonly [FastifyInstance | undefined, string, number])[] = [
    [contextPort, "context", environment.CONTEXT_PORT],
    [intake.http, "http", environment.HTTP_PORT],
    [intake.broker, "broker", environment.BROKER_PORT],
  ];
  // Leases, watches and events outlive the work: what is begun is brought to its end by a replica that is still one.
  const after = new AbortController();
  try {
    await listen(probes, environment.METRICS_PORT);
    log.info({ port: portOf(probes) }, "metrics listen");
    for (const [server, name, port] of listening) {
      if (server === undefined) continue;
      await server.listen({ host: "0.0.0.0", port });
      log.info({ port: portOf(server.server) }, `${name} listens`);
    }
    const background = [ownership.run(after.signal), events.run(after.signal), cacheSizes.run(after.signal)];
    await Promise.all([controller.run(stop), refresh.run(stop)]);
    await Promise.all([intake.http.close(), intake.broker?.close()]);
    after.abort();
    await Promise.all(background);
    await contextPort.close();
  } finally {
    after.abort();
    probes.close();
    bucket.client.destroy();
    await rm(workFolder, { recursive: true, force: true });
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "0.0.0.0", () => {
      server.off("error", reject);
      resolve();
    });
  });
