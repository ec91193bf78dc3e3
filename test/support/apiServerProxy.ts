import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, request as ask } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { kubectl } from "./kubectl";

interface Config {
  clusters: { cluster: { server: string; "certificate-authority-data"?: string } }[];
}

/**
 * Stands between a builder and the API server: passes everything on, but for the logs of pods that only KWOK plays, which it has from the test, and for
 * everything while it is cut.
 */
export class ApiServerProxy {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly server: Server,
    private readonly target: string,
    private readonly agent: Agent,
    private readonly log: (pod: string) => Promise<string>,
  ) {}

  /** @param log of a build's pod, by its name */
  static async start(log: (pod: string) => Promise<string>): Promise<ApiServerProxy> {
    const config = JSON.parse(
      await kubectl(["config", "view", "--raw", "--minify", "--flatten", "--output", "json"]),
    ) as Config;
    const [{ cluster } = { cluster: { server: "" } }] = config.clusters;
    const authority = Buffer.from(cluster["certificate-authority-data"] ?? "", "base64");
    const server = createServer((request, response) => {
      proxy.answer(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
    });
    const proxy = new ApiServerProxy(
      server,
      cluster.server,
      new Agent({ ca: authority, keepAlive: true }),
      log,
    );
    server.on("connection", (socket) => {
      proxy.sockets.add(socket);
      socket.once("close", () => proxy.sockets.delete(socket));
      if (proxy.isCut) socket.destroy();
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on nothing gets through, and what was under way ends. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
    this.agent.destroy();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.target);
    const [, pod] = /^\/api\/v1\/namespaces\/[^/]+\/pods\/([^/]+)\/log$/.exec(url.pathname) ?? [];
    if (pod !== undefined) {
      response.end(await this.log(pod));
      return;
    }
    const passed = ask(url, {
      method: request.method,
      headers: { ...request.headers, host: url.host },
      agent: this.agent,
    });
    passed.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // A watch's first line is waited for: it goes out at once.
      response.flushHeaders();
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  }
}
