import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { MOST_CONNECTIONS } from "../../builder/intake/intakeServer";
import { COMMAND } from "../builder/intake/support/clusterOfRights";
import { until } from "../builder/support/loopback";
import { describeWith, type Requirement } from "../support/requirements";
import { HARMLESS_SPEC } from "./specs";
import { Servers, type Stranger, stranger } from "./support/strangers";

/** Longest time that a connection without a whole request is kept, and some for a machine that is busy. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 15_000;
const LATE_MS = 120_000;

/** Files that this process may have open: a connection is one. Node.js takes all that it may. */
function openFiles(): Requirement {
  const limit = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }));
  return {
    missing: limit < 11_000 ? `only ${limit} open files (ulimit -n), and 10,000 connections` : undefined,
  };
}

describeWith([openFiles()], "strangers by the thousand", () => {
  let servers: Servers;
  let strangers: Stranger[] = [];
  before(async () => (servers = await Servers.start()));
  afterEach(async () => {
    for (const { socket } of strangers) socket.destroy();
    strangers = [];
    // Those that a server still held would be in the way of the next.
    for (let held = Infinity; held > 0 && servers.isUp;) {
      const { connections } = await servers.held();
      held = connections.intake + connections.context;
    }
  });
  after(() => servers.stop());

  let sent = 0;
  const event = async (): Promise<number> => {
    const id = `harmless-${++sent}`;
    const data = { metadata: { name: id }, spec: HARMLESS_SPEC };
    const response = await fetch(`http://127.0.0.1:${servers.ports.intake}/`, {
      method: "POST",
      headers: {
        authorization: "Bearer token-ci",
        "content-type": "application/cloudevents+json",
        connection: "close",
      },
      body: JSON.stringify({ specversion: "1.0", id, source: "/s", type: `${COMMAND}service.create`, data }),
    });
    await response.text();
    return response.status;
  };
  const many = (count: number, make: (at: number) => Stranger): Stranger[] => {
    const made = Array.from({ length: count }, (_, at) => make(at));
    strangers.push(...made);
    return made;
  };
  const open = (of: Stranger[]) => of.filter(({ endedAfterMs }) => endedAfterMs === undefined);

  it("hold no more of the intake's connections than it has, and for seconds only: 10,000 that say nothing", async () => {
    const before = await servers.held();
    const silent: Stranger[] = [];
    // In waves: more at once than the kernel queues would be the kernel's to refuse.
    for (let wave = 0; wave < 20; wave++) {
      const made = many(500, () => stranger(servers.ports.intake));
      silent.push(...made);
      await until("the wave has come", () => made.every(({ socket }) => !socket.connecting), LATE_MS);
    }
    await until("the rest is refused", () => open(silent).length <= MOST_CONNECTIONS, LATE_MS);
    const { connections, megabytes } = await servers.held();
    assert.ok(connections.intake <= MOST_CONNECTIONS, `${connections.intake} connections`);
    assert.ok(megabytes - before.megabytes < 150, `${megabytes - before.megabytes} MiB for them`);
    await until("all are ended", () => open(silent).length === 0, HEADERS_MS + LATE_MS);
    assert.equal(await event(), 202);
  });

  it("keep nobody else from sending events, where they send as slowly as they can", async () => {
    const slow = [
      // A header at a time, a body's byte at a time, half a request and then nothing, half a request and the end.
      ...many(300, () => stranger(servers.ports.intake, "POST / HTTP/1.1\r\nhost: a\r\n")),
      ...many(60, () =>
        stranger(
          servers.ports.intake,
          "POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer token-ci\r\ncontent-length: 1000\r\n\r\n",
        ),
      ),
      ...many(300, () => stranger(servers.ports.intake, "POST / HTT")),
    ];
    const ended = many(100, () => stranger(servers.ports.intake, "POST / HTTP/1.1\r\nhost"));
    for (const { socket } of ended) socket.end();
    const drip = setInterval(() => {
      for (const [at, { socket }] of slow.slice(0, 360).entries())
        if (socket.writable) socket.write(at < 300 ? "x: y\r\n" : "x");
    }, 500);
    try {
      const started = performance.now();
      assert.equal(await event(), 202);
      assert.ok(performance.now() - started < HEADERS_MS, "before any of them is ended, beside all of them");
      await until("what is half closed is ended", () => open(ended).length === 0, LATE_MS);
      const half = Math.max(...ended.map(({ endedAfterMs = Infinity }) => endedAfterMs));
      assert.ok(half < HEADERS_MS, `${half} ms, by their end and not for their time`);
      await until("all are ended", () => open(slow).length === 0, REQUEST_MS + LATE_MS);
    } finally {
      clearInterval(drip);
    }
    const [header, body, nothing] = [slow[0], slow[300], slow[360]];
    for (const one of [header, body, nothing]) assert.match(one?.text ?? "", /^HTTP\/1.1 408 /);
    assert.equal(await event(), 202);
  });

  it("take no more memory than there is, where they send thousands of requests in a packet and read no answer", async () => {
    const packet = "GET /nothing HTTP/1.1\r\nhost: a\r\n\r\n".repeat(2_000);
    const deaf = many(200, () => {
      const one = stranger(servers.ports.intake, packet);
      one.socket.pause();
      return one;
    });
    await until("all have sent", () => deaf.every(({ socket }) => !socket.connecting), LATE_MS);
    assert.equal(await event(), 202);
    assert.ok(servers.isUp, "within 128 MiB of heap");
  });

  it("hold no more of the context server's connections than it has, and for seconds only", async () => {
    const silent = many(1_500, () => stranger(servers.ports.context));
    await until("all have come", () => silent.every(({ socket }) => !socket.connecting), LATE_MS);
    await until("the rest is refused", () => open(silent).length <= 1_000, LATE_MS);
    assert.ok((await servers.held()).connections.context <= 1_000);
    await until("all are ended", () => open(silent).length === 0, HEADERS_MS + LATE_MS);
    const answer = await fetch(`http://127.0.0.1:${servers.ports.context}/context`, {
      headers: { connection: "close" },
    });
    assert.equal(answer.status, 401);
  });

  it("have created nothing", async () => {
    assert.equal((await servers.held()).functions, sent);
  });
});
