import { setTimeout as delay } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import { kubectl } from "./kubectl";

interface KubeConfigText {
  clusters: { cluster: { server: string; "certificate-authority-data"?: string } }[];
  users: { user: { token?: string; "client-certificate-data"?: string; "client-key-data"?: string } }[];
}

/** An answer that is no success. */
export class Refused extends Error {
  constructor(
    readonly code: number,
    what: string,
    readonly body: string,
  ) {
    super(`${what}: ${code} ${body.slice(0, 500)}`);
  }
}

/** What a watch says. */
export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: Record<string, unknown>;
}

const decoded = (text: string | undefined): Buffer | undefined =>
  text === undefined ? undefined : Buffer.from(text, "base64");

/** The API server of KUBECONFIG, over connections that are kept: for tests that ask it often. kubectl is a process for each question. */
export class ApiServer {
  private readonly agent: Agent;

  private constructor(
    readonly url: string,
    readonly tls: { ca?: Buffer | undefined; cert?: Buffer | undefined; key?: Buffer | undefined },
    private readonly headers: Record<string, string>,
  ) {
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    this.agent = new Agent({ connect: given, connections: 32 });
  }

  static async connect(): Promise<ApiServer> {
    const config = JSON.parse(
      await kubectl(["config", "view", "--raw", "--minify", "--output", "json"]),
    ) as KubeConfigText;
    const cluster = config.clusters[0]?.cluster;
    const user = config.users[0]?.user;
    if (cluster === undefined) throw new Error("the kubeconfig names no cluster");
    const tls = {
      ca: decoded(cluster["certificate-authority-data"]),
      cert: decoded(user?.["client-certificate-data"]),
      key: decoded(user?.["client-key-data"]),
    };
    return new ApiServer(
      cluster.server.replace(/\/+$/, ""),
      tls,
      user?.token === undefined ? {} : { authorization: `Bearer ${user.token}` },
    );
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  get<T>(path: string): Promise<T> {
    return this.ask<T>("GET", path);
  }

  delete(path: string): Promise<unknown> {
    return this.ask("DELETE", path, { propagationPolicy: "Background" });
  }

  /** Server-side apply. */
  apply<T>(path: string, object: object): Promise<T> {
    return this.ask<T>(
      "PATCH",
      `${path}?fieldManager=test&force=true`,
      object,
      "application/apply-patch+yaml",
    );
  }

  merge<T>(path: string, change: object): Promise<T> {
    return this.ask<T>("PATCH", path, change, "application/merge-patch+json");
  }

  /** Asks again until it is answered, as a kubelet does: an API server that is away, or refuses for now, comes back. */
  async persist<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (signal.aborted || (error instanceof Refused && error.code < 500 && error.code !== 429))
          throw error;
        await delay(300, undefined, { signal });
      }
    }
  }

  /** Events after a version, until the server ends the watch, or `signal` aborts. */
  async *watch(path: string, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`;
    const { body } = await this.send("GET", `${path}${path.includes("?") ? "&" : "?"}${query}`, { signal });
    let rest = "";
    for await (const chunk of body.setEncoding("utf8") as AsyncIterable<string>) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as WatchEvent;
    }
  }

  private async ask<T>(
    method: Dispatcher.HttpMethod,
    path: string,
    body?: object,
    type = "application/json",
  ): Promise<T> {
    const { body: answer } = await this.send(method, path, {
      body: body === undefined ? null : JSON.stringify(body),
      type,
      signal: AbortSignal.timeout(20_000),
    });
    return (await answer.json()) as T;
  }

  private async send(
    method: Dispatcher.HttpMethod,
    path: string,
    { body = null, type, signal }: { body?: string | null; type?: string; signal: AbortSignal },
  ): Promise<Dispatcher.ResponseData> {
    const answer = await request(`${this.url}${path}`, {
      method,
      dispatcher: this.agent,
      headers: {
        ...this.headers,
        accept: "application/json",
        ...(body === null ? {} : { "content-type": type }),
      },
      body,
      signal,
      bodyTimeout: 0,
    });
    if (answer.statusCode >= 300)
      throw new Refused(answer.statusCode, `${method} ${path}`, await answer.body.text());
    return answer;
  }
}
