import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiServer } from "./apiServer";
import { readyFunctions } from "./readyFunctions";

/**
 * A process of its own with what a builder talks to: an API server with so many Ready functions, a registry that has no image, and a bucket
 * that takes everything. Says its port as one line of JSON once it has all of them; `/requests` counts what the API server was asked.
 */
async function main(count: number): Promise<void> {
  const api = new ApiServer();
  const server = createServer((request, response) => {
    answer(api, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  // A watch lives as long as it was asked to.
  server.requestTimeout = 0;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const placed = await readyFunctions({ count, registry: `127.0.0.1:${port}` });
  for (const { resource, object } of placed) api.place(resource, object);
  const bytes = placed.reduce((sum, { object }) => sum + JSON.stringify(object).length, 0);
  console.log(JSON.stringify({ port, objects: placed.length, bytes }));
}

async function answer(api: ApiServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://stand-in");
  if (/^\/apis?\//.test(url.pathname)) return api.answer(request, url, response);
  if (url.pathname === "/requests") {
    response.end(JSON.stringify(api.requests));
    return;
  }
  request.resume();
  await new Promise((read) => request.on("end", read));
  // The registry: knows no image, so that what is asked for is built.
  if (url.pathname.startsWith("/v2/"))
    response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
  // The bucket.
  else response.writeHead(request.method === "PUT" ? 200 : 404, { etag: '"0"' }).end();
}

process.stdin.resume().on("end", () => process.exit());
void main(Number(process.argv[2]));
