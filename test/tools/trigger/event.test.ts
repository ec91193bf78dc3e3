import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { send, triggerEvent } from "../../../tools/trigger/event";

interface Taken {
  headers: IncomingMessage["headers"];
  body: { id: string; type: string; data: unknown };
}

describe("the trigger's event", () => {
  let server: Server;
  let url: string;
  let taken: Taken[];
  let answers: { status: number; headers?: Record<string, string>; body?: string }[];

  before(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Taken["body"];
        taken.push({ headers: request.headers, body });
        const { status, headers, body: text } = answers.shift() ?? { status: 202 };
        response.writeHead(status, headers).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    taken = [];
    answers = [];
  });

  const event = () => triggerEvent("parser-1", "team-a", undefined);

  it("asks for a parser of a namespace, with the token of who sends it", async () => {
    await send({ url, token: "a-token" }, event());
    const [{ headers, body } = assert.fail("nothing was sent")] = taken;
    assert.equal(headers.authorization, "Bearer a-token");
    assert.equal(headers["content-type"], "application/cloudevents+json");
    assert.equal(body.type, "network.notifi.lambda.build.start");
    assert.deepEqual(body.data, { parser_id: "parser-1", namespace: "team-a" });
  });

  it("says what a new function runs on only where that is known", () => {
    const runtime = { language: "go", version: "1.26" } as const;
    assert.deepEqual(triggerEvent("parser-1", "team-a", runtime).data, {
      parser_id: "parser-1",
      namespace: "team-a",
      runtime,
    });
  });

  it("is another one each time it is asked for, and the same one each time it is tried again", async () => {
    assert.notEqual(event().id, event().id);
    answers = [
      { status: 429, headers: { "retry-after": "0" } },
      { status: 503, headers: { "retry-after": "0" } },
    ];
    await send({ url, token: "t" }, event());
    assert.equal(taken.length, 3);
    assert.equal(new Set(taken.map(({ body }) => body.id)).size, 1);
  });

  it("is not tried again where the builder refuses it, and that is told in the builder's words", async () => {
    answers = [{ status: 403, body: '{"error":"x may not update lambdafunctions"}' }];
    await assert.rejects(
      send({ url, token: "t" }, event()),
      /answered 403: \{"error":"x may not update lambdafunctions"\} \(the token's account may not edit functions/,
    );
    assert.equal(taken.length, 1);
    answers = [{ status: 401 }];
    await assert.rejects(send({ url, token: "t" }, event()), /answered 401 \(the token is missing, too old/);
    answers = [{ status: 200 }];
    await assert.rejects(send({ url, token: "t" }, event()), /answered 200$/);
  });

  it("is given up where nobody answers, with the address and why", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await assert.rejects(
      send({ url: `http://127.0.0.1:${port}`, token: "t" }, event(), 1),
      new RegExp(`^Error: http://127\\.0\\.0\\.1:${port} can't be reached: .*ECONNREFUSED`),
    );
  });
});
