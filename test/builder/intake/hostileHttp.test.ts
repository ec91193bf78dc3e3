import assert from "node:assert/strict";
import { connect } from "node:net";
import { HARMLESS_SPEC } from "../../strangers/specs";
import { all, COMMAND, FUNCTIONS_PATH, listeningIntake } from "./support/clusterOfRights";

const CREATE = `${COMMAND}service.create`;
const EVENT = JSON.stringify({
  specversion: "1.0",
  id: "1",
  source: "/strangers",
  type: CREATE,
  data: { metadata: { name: "hostile" }, spec: HARMLESS_SPEC },
});
const AUTHORIZATION = "authorization: Bearer token-ci\r\n";
const STRUCTURED = "content-type: application/cloudevents+json\r\n";
const BODY = `content-length: ${EVENT.length}\r\n\r\n${EVENT}`;
const request = (headers: string, rest = BODY) =>
  `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${AUTHORIZATION}${STRUCTURED}${headers}${rest}`;
const BINARY =
  `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${AUTHORIZATION}content-type: application/json\r\n` +
  `ce-specversion: 1.0\r\nce-source: /s\r\n`;

/** Bytes that are sent, and how the answer begins; undefined for none: the connection is cut. */
const HOSTILE: Record<string, [string | Buffer, RegExp | undefined]> = {
  "that is no HTTP": ["hello\r\n\r\n", /^HTTP\/1.1 400 /],
  "of TLS": [Buffer.from("16030100a5010000a10303", "hex"), /^HTTP\/1.1 400 /],
  "of HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^HTTP\/1.1 400 /],
  "of HTTP/0.9": ["GET /\r\n\r\n", /^HTTP\/1.1 40[05] /],
  "of zero bytes": [Buffer.alloc(1000), /^HTTP\/1.1 400 /],
  "without a host": [`POST / HTTP/1.1\r\n${AUTHORIZATION}${BODY}`, /^HTTP\/1.1 400 /],
  "by an unknown method": ["STEAL / HTTP/1.1\r\nhost: a\r\n\r\n", /^HTTP\/1.1 400 /],
  "by CONNECT": ["CONNECT 169.254.169.254:80 HTTP/1.1\r\nhost: a\r\n\r\n", undefined],
  "by TRACE": ["TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", /^HTTP\/1.1 40[45] /],
  "to a path that climbs": [request("").replace("POST /", "POST /../../etc/passwd"), /^HTTP\/1.1 404 /],
  "to a path that is none": [request("").replace("POST /", "POST /%zz"), /^HTTP\/1.1 40[04] /],
  "to another host's URL": [
    request("").replace("POST /", "POST http://evil.example.com/x"),
    /^HTTP\/1.1 404 /,
  ],
  "with a URL of 20,000 characters": [
    `GET /${"a".repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`,
    /^HTTP\/1.1 431 /,
  ],
  "with a header of 20,000 characters": [request(`x: ${"y".repeat(20_000)}\r\n`), /^HTTP\/1.1 431 /],
  "with 5,000 headers": [
    request(Array.from({ length: 5000 }, (_, at) => `x${at}: y\r\n`).join("")),
    /^HTTP\/1.1 431 /,
  ],
  "with a header that has no name": [request(": x\r\n"), /^HTTP\/1.1 400 /],
  "with a header whose name has a blank": [request("ce id: x\r\n"), /^HTTP\/1.1 400 /],
  "with a header of two lines": [request("x: y\r\n z\r\n"), /^HTTP\/1.1 400 /],
  "with a zero byte in a header": [request("x: a\0b\r\n"), /^HTTP\/1.1 400 /],
  "with two lengths": [request("content-length: 5\r\n"), /^HTTP\/1.1 400 /],
  "with a negative length": [request("", "content-length: -1\r\n\r\n"), /^HTTP\/1.1 400 /],
  "with a length that is none": [request("", "content-length: 0x10\r\n\r\n"), /^HTTP\/1.1 400 /],
  "with a length above all": [
    request("", "content-length: 99999999999999999999\r\n\r\n"),
    /^HTTP\/1.1 4(00|13) /,
  ],
  "with a length above what is read": [request("", "content-length: 1572865\r\n\r\n"), /^HTTP\/1.1 413 /],
  "with a length and in chunks": [request("transfer-encoding: chunked\r\n"), /^HTTP\/1.1 400 /],
  "in chunks of no size": [
    request("transfer-encoding: chunked\r\n", "\r\nzz\r\nx\r\n0\r\n\r\n"),
    /^HTTP\/1.1 400 /,
  ],
  "in chunks that are none": [request("transfer-encoding: gzip, evil\r\n", "\r\n"), /^HTTP\/1.1 400 /],
  "with its authorization twice": [request("authorization: Bearer token-other\r\n"), /"authorization"/],
  "with its content type twice": [request("content-type: text/plain\r\n"), /"content-type"/],
  "with its correlation id twice": [
    request("x-correlation-id: a\r\nx-correlation-id: b\r\n"),
    /"x-correlation-id"/,
  ],
  "with its id twice": [`${BINARY}ce-type: ${CREATE}\r\nce-id: 1\r\nCE-ID: 2\r\n${BODY}`, /"ce-id"/],
  "with its type twice": [`${BINARY}ce-id: 1\r\nce-type: ${CREATE}\r\nce-type: x\r\n${BODY}`, /"ce-type"/],
  "with an extension twice": [`${BINARY}ce-id: 1\r\nce-type: x\r\nce-a: 1\r\nce-a: 2\r\n${BODY}`, /"ce-a"/],
};

describe("the intake, of hostile HTTP", () => {
  let intake: Awaited<ReturnType<typeof listeningIntake>>;
  before(async () => (intake = await listeningIntake(all("ci"))));
  after(() => intake.close());
  const functions = () => [...intake.api.objects.keys()].filter((path) => path.startsWith(FUNCTIONS_PATH));

  /** All that comes back until the connection ends, or until nothing more has come for half a second. */
  const answer = (bytes: string | Buffer): Promise<string> =>
    new Promise((resolve) => {
      let text = "";
      const socket = connect(Number(new URL(intake.http).port), "127.0.0.1");
      const done = () => {
        socket.destroy();
        resolve(text);
      };
      socket.on("data", (chunk) => {
        text += chunk.toString();
        socket.setTimeout(500);
      });
      socket.setTimeout(20_000, done);
      socket.on("error", done).on("close", done);
      socket.write(bytes);
    });

  for (const [what, [bytes, begins]] of Object.entries(HOSTILE))
    it(`refuses a request ${what}`, async () => {
      const text = await answer(bytes);
      if (begins === undefined) assert.equal(text, "");
      else assert.match(text, begins);
      const said = text.split("\r\n\r\n")[1] ?? "";
      if (begins?.source.startsWith("^") === false) assert.match(text, /^HTTP\/1.1 400 [^]*is there twice/);
      assert.doesNotMatch(said, /node_modules|at .*\.ts|Error:/, "no stack trace");
      if (!text.startsWith("HTTP/1.1 202")) assert.deepEqual(functions(), []);
    });

  it("answers a few requests that come at once on one connection, and cuts it where they are many", async () => {
    const one = `POST /other HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}`;
    const answers = async (count: number) =>
      (await answer(one.repeat(count))).match(/HTTP\/1.1 404 /g)?.length ?? 0;
    assert.equal(await answers(8), 8);
    assert.ok((await answers(9)) <= 8);
    assert.ok((await answers(1_000)) <= 8);
  });

  it("is up after all of them", async () => {
    assert.match(await answer(request("")), /^HTTP\/1.1 202 /);
  });
});
