import { createServer, type Server } from "node:http";
import type { Metrics } from "./metrics";

export interface ProbesArgs {
  metrics: Metrics;
  /** Why the service can't work now; undefined where it can. */
  notReady: () => string | undefined;
  /** Why it had better be started anew. */
  notLive: () => string | undefined;
}

/** /metrics for Prometheus, /livez and /readyz for the kubelet. */
export function probesServer({ metrics, notReady, notLive }: ProbesArgs): Server {
  const server = createServer((request, response) => {
    const answer = (code: number, text: string, type = "text/plain; charset=utf-8"): void => {
      response.writeHead(code, { "content-type": type }).end(text);
    };
    const probe = (problem: string | undefined): void => {
      answer(problem === undefined ? 200 : 503, `${problem ?? "ok"}\n`);
    };
    switch (request.url?.split("?")[0]) {
      case "/livez":
        probe(notLive());
        return;
      case "/readyz":
        probe(notReady());
        return;
      case "/metrics":
        metrics.text().then(
          (text) => {
            answer(200, text, metrics.registry.contentType);
          },
          (error: unknown) => {
            answer(500, `${(error as Error).message}\n`);
          },
        );
        return;
      default:
        answer(404, "there is nothing here\n");
    }
  });
  server.requestTimeout = 10_000;
  return server;
}
