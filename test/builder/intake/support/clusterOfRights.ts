import { intakeServers, type IntakeServersArgs } from "../../../../builder/intake/intakeServer";
import { silent } from "../../../../builder/log";
import { noTracing } from "../../../../builder/tracing";
import { FakeApi } from "../../support/fakeApi";

export const NAMESPACE = "team-a";
export const FUNCTIONS_PATH = "/apis/lambda.knative.io/v1alpha1/namespaces";
export const TOKEN_REVIEWS_PATH = "/apis/authentication.k8s.io/v1/tokenreviews";
export const ACCESS_REVIEWS_PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

export const ENVIRONMENT = {
  DEFAULT_NAMESPACE: NAMESPACE,
  BUCKET: "sources",
  AWS_REGION: "eu-west-1",
  BASE_IMAGE_PYTHON: "registry.example/python:3.13-slim@sha256:aa",
  BROKER_USER: "system:serviceaccount:knative-lambda-system:knative-lambda-broker",
};

interface AskedRight {
  user: string;
  groups: string[];
  resourceAttributes: { verb: string; namespace: string; name?: string; group: string; resource: string };
}

/** An API server that knows tokens (`token-<user>`) and rights (`user verb namespace`, or `user verb namespace/name`). */
export async function clusterOfRights(rights: string[]) {
  const api = await FakeApi.start();
  const asked: AskedRight[] = [];
  api.intercept = ({ path, body }) => {
    const { spec } = (body ?? {}) as { spec: { token: string } & AskedRight };
    if (path === TOKEN_REVIEWS_PATH) {
      const user = /^token-(.+)$/.exec(spec.token)?.[1];
      const status =
        user === undefined ? {} : { authenticated: true, user: { username: user, groups: ["g"] } };
      return { code: 201, body: { metadata: {}, status } };
    }
    if (path !== ACCESS_REVIEWS_PATH) return undefined;
    asked.push(spec);
    const { verb, namespace, name } = spec.resourceAttributes;
    const right = `${spec.user} ${verb} ${namespace}${name === undefined ? "" : `/${name}`}`;
    return { code: 201, body: { metadata: {}, status: { allowed: rights.includes(right) } } };
  };
  return { api, asked, rights };
}

export const all = (user: string, namespace = NAMESPACE): string[] =>
  ["create", "update", "delete"].map((verb) => `${user} ${verb} ${namespace}`);

export const COMMAND = "io.knative.lambda.command.";

export const inlineSpec = (code = "def handler(data): return data") => ({
  source: { type: "inline" as const, inline: { code } },
  runtime: { language: "python" as const, version: "3.13", handler: "main.handler" },
});

export const upsertData = (name: string, code?: string) => ({ metadata: { name }, spec: inlineSpec(code) });

/** The intake's servers, listening, before an API server of a test's own. */
export async function listeningIntake(rights: string[], args: Partial<IntakeServersArgs> = {}) {
  const cluster = await clusterOfRights(rights);
  const servers = intakeServers({
    environment: ENVIRONMENT,
    client: cluster.api.client(),
    tracing: noTracing,
    log: silent,
    ...args,
  });
  const http = await servers.http.listen({ port: 0, host: "127.0.0.1" });
  const broker = await servers.broker?.listen({ port: 0, host: "127.0.0.1" });
  let sent = 0;
  const send = (
    type: string,
    data: unknown,
    { id = `event-${++sent}`, token = "token-ci", headers = {}, to = http }: SendOptions = {},
  ): Promise<Response> =>
    fetch(to, {
      method: "POST",
      headers: {
        "content-type": "application/cloudevents+json",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: JSON.stringify({ specversion: "1.0", id, source: "/test", type, data }),
    });
  const close = async (): Promise<void> => {
    await Promise.all([servers.http.close(), servers.broker?.close()]);
    await cluster.api.close();
  };
  return { ...cluster, servers, http, broker, send, close };
}

export interface SendOptions {
  id?: string;
  /** null: none. */
  token?: string | null;
  headers?: Record<string, string>;
  to?: string | undefined;
}
