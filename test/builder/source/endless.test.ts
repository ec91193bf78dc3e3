import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { type AddressInfo, type Socket } from "node:net";
import { packet } from "../../../builder/source/git/pktLine";
import { settledSoon } from "../../../builder/source/settledSoon";
import { InfrastructureError } from "../../../builder/types";
import { fetcherFor, type FetcherOptions, requestFor } from "./support/fetchers";
import { everythingIn, userError, workFolder } from "./support/trees";

type Play = (socket: Socket) => void;

const HEAD = "HTTP/1.1 200 OK\r\n";
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Writes again and again, as fast as the other end takes it. */
const endlessly =
  (head: string, again: string): Play =>
  (socket) => {
    socket.write(head);
    const send = () => {
      while (!socket.destroyed && socket.write(again));
    };
    socket.on("drain", send);
    send();
  };

describe("a source whose server never ends", () => {
  const folder = workFolder();
  const sockets = new Set<Socket>();
  let server: Server;
  let play: Play = () => undefined;
  before((done) => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket
        .on("error", () => undefined)
        .once("data", () => {
          play(socket);
        });
    });
    server.listen(0, "127.0.0.1", done);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    assert.deepEqual(await everythingIn(folder()), [], "nothing is left on disk");
  });
  after((done) => void server.close(done));

  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const git = (url = `http://${host()}/a.git`) => ({ type: "git", git: { url } });
  const store = (endpoint = host()) => ({
    type: "minio",
    minio: { endpoint, bucket: "code", key: "x.tar.gz" },
  });
  const fetch = (source: Record<string, unknown>, options: FetcherOptions = {}) =>
    fetcherFor(folder(), { ...options, limits: { seconds: 0.1, ...options.limits } }).fetch(
      requestFor(source),
      new AbortController().signal,
    );

  const timedOut = (error: unknown): boolean =>
    error instanceof InfrastructureError &&
    error.reason === "SourceTimedOut" &&
    error.message === "the source took longer than 0.1 s";

  const refs = "application/x-git-upload-pack-advertisement";
  const slow: Record<string, Play> = {
    "says nothing": () => undefined,
    "sends a header at a time": (socket) => {
      socket.write(HEAD);
      const timer = setInterval(() => socket.write("x: y\r\n"), 20);
      socket.on("close", () => {
        clearInterval(timer);
      });
    },
    "tells to go on for ever": (socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 100 Continue\r\n\r\n"), 20);
      socket.on("close", () => {
        clearInterval(timer);
      });
    },
    "sends a byte at a time": (socket) => {
      socket.write(`${HEAD}content-type: ${refs}\r\ncontent-length: 100000\r\n\r\n`);
      const timer = setInterval(() => socket.write("0"), 20);
      socket.on("close", () => {
        clearInterval(timer);
      });
    },
  };
  for (const [what, how] of Object.entries(slow))
    it(`is given up in time where it ${what}`, async () => {
      for (const source of [git(), store()]) {
        play = how;
        await assert.rejects(fetch(source), timedOut);
      }
    });

  it("is given up in time where it never answers over TLS", async () => {
    play = () => undefined;
    await assert.rejects(fetch(git(`https://${host()}/a.git`)), timedOut);
    await assert.rejects(fetch(store(`https://${host()}`)), timedOut);
  });

  it("is given up in time where its name is never resolved", async () => {
    const resolve = () => new Promise<never>(() => undefined);
    await assert.rejects(fetch(git("https://slow.example.com/a.git"), { resolve }), timedOut);
    await assert.rejects(fetch(store("slow.example.com"), { resolve }), timedOut);
  });

  it("is given up where its headers never end", async () => {
    play = endlessly(HEAD, `x: ${"y".repeat(10_000)}\r\n`);
    for (const source of [git(), store()])
      await assert.rejects(fetch(source, { limits: { seconds: 20 } }), /Header overflow/);
  });

  it("is given up where it switches to another protocol", async () => {
    play = (socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n");
    };
    await assert.rejects(fetch(git()), /the server switches to another protocol/);
    await assert.rejects(fetch(store()), timedOut);
  });

  it("is refused where its branches never end", async () => {
    const line = packet(`${"0".repeat(40)} refs/heads/${"x".repeat(60_000)}\n`);
    play = endlessly(`${HEAD}content-type: ${refs}\r\n\r\n${packet("# service=git-upload-pack\n")}`, line);
    await assert.rejects(
      fetch(git(), { limits: { seconds: 20 } }),
      userError(/too many branches and tags/, "SourceTooLarge", "spec.source.git.url"),
    );
  });

  it("is refused where all that comes is how far it is", async () => {
    const oid = "1".repeat(40);
    let asked = 0;
    play = (socket) => {
      if (asked++ === 0) {
        const offer = packet(`${oid} refs/heads/main\0side-band-64k\n`);
        socket.end(
          `${HEAD}connection: close\r\ncontent-type: ${refs}\r\n\r\n${packet("# service=git-upload-pack\n")}0000${offer}0000`,
        );
        return;
      }
      const progress = packet(`\x02${"Counting objects ".repeat(100)}`);
      endlessly(
        `${HEAD}transfer-encoding: chunked\r\ncontent-type: application/x-git-upload-pack-result\r\n\r\n${chunk(packet("NAK\n"))}`,
        chunk(progress),
      )(socket);
    };
    await assert.rejects(
      fetch(git(), { limits: { seconds: 20 } }),
      userError(/larger than 976.6 KiB as git sends it/, "SourceTooLarge", "spec.source.git"),
    );
  });
});

describe("work that is called off", () => {
  it("may end by itself, and is given up soon where it doesn't", async () => {
    const off = new AbortController();
    off.abort(new Error("called off"));
    assert.equal(await settledSoon(Promise.resolve("ended"), off.signal), "ended");
    await assert.rejects(settledSoon(Promise.reject(new Error("its own")), off.signal), /its own/);
    const started = performance.now();
    await assert.rejects(settledSoon(new Promise(() => undefined), off.signal), /called off/);
    assert.ok(performance.now() - started < 10_000);
  });
});
