import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { CONTEXT_CONTAINER } from "../../../builder/build/buildJob";
import type { CredentialFiles } from "../../../builder/context/credentialFiles";
import { fetchContext } from "../../../builder/context/fetchContext";
import { contextServer, type ContextServerArgs, type OpenContext } from "../../../builder/context/server";
import type { KnownBuild } from "../../../builder/context/standing";
import { signToken } from "../../../builder/context/token";
import type { Log } from "../../../builder/log";
import { buildContext, writeContext } from "../../../builder/source/contextArchive";
import { InfrastructureError, UserError } from "../../../builder/types";
import { tarOf } from "../source/support/archives";
import { Loopback, until } from "../support/loopback";
import { buildPod, claims, job } from "./support/build";

const key = Buffer.alloc(32, 1);
const bytesOf = async function* (...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
};

describe("build contexts and credentials", () => {
  let folder: string;
  let server: FastifyInstance;
  let url: string;
  let known: KnownBuild;
  let archive: Buffer;
  let hash: string;
  let token: string;
  let contexts: (hash: string) => Promise<OpenContext | undefined>;
  let credentials: ContextServerArgs["credentials"];
  let logged: string[];
  let said: string[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "context-"));
    const tree = join(folder, "tree");
    const script = "#!/bin/sh\n";
    await mkdir(tree);
    await writeFile(join(tree, "run.sh"), script);
    const sha256 = createHash("sha256").update(script).digest("hex");
    const context = buildContext(
      { folder: tree, files: [{ path: "run.sh", size: script.length, executable: true, sha256 }] },
      {
        Dockerfile: "FROM base\n",
        "code/main.py": "x = 1\n",
        "code/läng/ä.txt": "ä".repeat(50_000),
        empty: "",
      },
    );
    hash = context.hash;
    const written = await writeContext(context, folder, new AbortController().signal);
    archive = await readFile(written.file);
    await written.dispose();
  });
  after(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    known = { job: job({}, hash), pods: [buildPod({ podIP: "127.0.0.1" })] };
    token = signToken(key, { ...claims, context: hash });
    contexts = (asked) =>
      Promise.resolve(asked === hash ? { size: archive.length, body: bytesOf(archive) } : undefined);
    credentials = () => Promise.resolve({ "config.json": '{"auths":{}}', netrc: "machine x" });
    logged = [];
    said = [];
    await start();
  });
  afterEach(() => server.close());

  async function start(args: Partial<ContextServerArgs> = {}, port = 0): Promise<void> {
    const note = (fields: object, message: string): void => {
      logged.push(
        `${message} ${JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.message : value))}`,
      );
    };
    const log: Log = { debug: note, info: note, warn: note, error: note };
    server = contextServer({
      openContext: (asked) => contexts(asked),
      credentials: (build, signal) => credentials(build, signal),
      key: () => Promise.resolve(key),
      build: (jobName) => (jobName === claims.job ? known : { job: undefined, pods: [] }),
      log,
      ...args,
    });
    url = await server.listen({ port, host: "127.0.0.1" });
  }

  const ask = (path: string, bearer = token) =>
    fetch(url + path, { headers: { authorization: `Bearer ${bearer}` } });

  async function target(): Promise<{ contextFolder: string; credentialsFolder: string }> {
    const root = await mkdtemp(join(folder, "pod-"));
    const folders = { contextFolder: join(root, "workspace"), credentialsFolder: join(root, "docker") };
    await Promise.all(Object.values(folders).map((path) => mkdir(path)));
    return folders;
  }
  const fetchInto = async (folders: Awaited<ReturnType<typeof target>>, args = {}): Promise<void> =>
    fetchContext({ url, token, ...folders, say: (line) => said.push(line), random: () => 0, ...args });

  describe("fetched by a build's init container", () => {
    it("are the files that the token names, with the executable bit, and credentials that root alone reads", async () => {
      const folders = await target();
      await writeFile(join(folders.contextFolder, "left-over"), "of an attempt before");
      await fetchInto(folders);
      assert.deepEqual((await readdir(folders.contextFolder, { recursive: true })).sort(), [
        "Dockerfile",
        "code",
        "code/läng",
        "code/läng/ä.txt",
        "code/main.py",
        "empty",
        "run.sh",
      ]);
      assert.equal((await stat(join(folders.contextFolder, "run.sh"))).mode & 0o777, 0o755);
      assert.equal(
        await readFile(join(folders.contextFolder, "code/läng/ä.txt"), "utf8"),
        "ä".repeat(50_000),
      );
      const { mtime, mode } = await stat(join(folders.contextFolder, "Dockerfile"));
      assert.equal(mtime.toISOString(), "2000-01-01T00:00:00.000Z");
      assert.equal(mode & 0o777, 0o644);
      const config = join(folders.credentialsFolder, "config.json");
      assert.equal(await readFile(config, "utf8"), '{"auths":{}}');
      assert.equal((await stat(config)).mode & 0o777, 0o600);
      assert.equal(await readFile(join(folders.credentialsFolder, "netrc"), "utf8"), "machine x");
      assert.deepEqual(said, []);
    });

    it("come through a restart of the builder, from the beginning", async () => {
      const port = Number(new URL(url).port);
      const folders = await target();
      contexts = () =>
        Promise.resolve({
          size: archive.length,
          body: (async function* () {
            yield archive.subarray(0, archive.length / 2);
            await new Promise(() => undefined);
          })(),
        });
      const fetched = fetchInto(folders);
      await until("half a context", () => logged.some((line) => line.startsWith("context sent")));
      server.server.closeAllConnections();
      await server.close();
      await until("a failure is said", () => said.length > 1);
      contexts = () => Promise.resolve({ size: archive.length, body: bytesOf(archive) });
      await start({}, port);
      await fetched;
      assert.ok((await readdir(folders.contextFolder)).includes("Dockerfile"));
      assert.match(said[0] ?? "", /^\/context: .*; again in \d+ ms$/);
    });

    it("wait until the builder knows the pod", async () => {
      const { pods } = known;
      known = { ...known, pods: [] };
      const fetched = fetchInto(await target());
      await until("it is told to wait", () => said.length > 0);
      known = { ...known, pods };
      await fetched;
      assert.match(said[0] ?? "", /503: this build's pod is not known here yet/);
    });

    it("are refused where they are another's: what was unpacked is held against the token", async () => {
      const forged = gzipSync(await tarOf({ name: "Dockerfile", contents: "FROM evil\n" }));
      contexts = () => Promise.resolve({ size: forged.length, body: bytesOf(forged) });
      const given = fetchInto(await target(), { giveUpMs: 0 });
      await assert.rejects(
        given,
        /\/context: the context's hash is [0-9a-f]{64}, and [0-9a-f]{64} was to come/,
      );
    });

    it("write nothing outside their folder, and hold nothing but files", async () => {
      const folders = await target();
      for (const [entry, message] of [
        [{ name: "../escaped" }, /leaves the source/],
        [{ name: "/escaped" }, /is absolute/],
        [{ name: "link", type: "symlink", linkname: "/etc" }, /"link", which is no file/],
        [{ name: "device", type: "character-device" }, /"device", which is no file/],
      ] as const) {
        const bytes = gzipSync(await tarOf({ ...entry, contents: "x" }));
        contexts = () => Promise.resolve({ size: bytes.length, body: bytesOf(bytes) });
        await assert.rejects(fetchInto(folders, { giveUpMs: 0 }), message);
      }
      assert.deepEqual((await readdir(join(folders.contextFolder, ".."))).sort(), ["docker", "workspace"]);
    });

    it("are none where they were cut or damaged on their way", async () => {
      const cut = archive.subarray(0, archive.length - 20);
      const damaged = Buffer.from(archive);
      damaged.writeUInt32LE(7, Math.floor(archive.length / 2));
      for (const bytes of [cut, damaged, Buffer.from("no gzip")]) {
        contexts = () => Promise.resolve({ size: bytes.length, body: bytesOf(bytes) });
        await assert.rejects(fetchInto(await target(), { giveUpMs: 0 }), /^Error: \/context: /);
      }
    });

    it("end in one line that says why, at once where asking again is in vain", async () => {
      const started = performance.now();
      credentials = () =>
        Promise.reject(new UserError("RegistrySecretInvalid", "Secret team-a/x holds no logins"));
      const why = /^Error: \/credentials: the builder answered 422: Secret team-a\/x holds no logins$/;
      await assert.rejects(fetchInto(await target()), why);
      contexts = () => Promise.resolve(undefined);
      await assert.rejects(
        fetchInto(await target()),
        /answered 404: the build's context is not there any more$/,
      );
      await assert.rejects(fetchInto(await target(), { token: "x" }), /BUILD_TOKEN is no build's token/);
      const other = signToken(Buffer.alloc(32, 2), { ...claims, context: hash });
      await assert.rejects(fetchInto(await target(), { token: other }), /answered 401/);
      assert.deepEqual(said, []);
      assert.ok(performance.now() - started < 20_000, "long before it gives up");
    });

    it("give up on a builder that can't answer, and stop when they are told to", async () => {
      credentials = () => Promise.reject(new InfrastructureError("RegistryLoginFailed", "STS is away"));
      await assert.rejects(fetchInto(await target(), { giveUpMs: 200 }), /503: the builder can't answer now/);
      const stop = new AbortController();
      const given = fetchInto(await target(), { signal: stop.signal });
      await until("it waits", () => said.length > 1);
      stop.abort();
      await assert.rejects(given, /aborted/);
    });

    it("take no file's name for a path", async () => {
      for (const name of ["../passwd", "a/b", ".hidden", ""]) {
        credentials = () => Promise.resolve({ [name]: "x" });
        await assert.rejects(fetchInto(await target()), /is no credential's file/);
      }
    });
  });

  describe("kept from strangers", () => {
    it("are answered to nobody without a token, and to nobody with a made-up one", async () => {
      const refused = { error: "a build's token is needed" };
      for (const headers of [{}, { authorization: "Bearer x" }, { authorization: `Basic ${token}` }]) {
        const answer = await fetch(`${url}/context`, { headers });
        assert.equal(answer.status, 401);
        assert.deepEqual(await answer.json(), refused);
      }
      const forged = signToken(Buffer.alloc(32, 2), { ...claims, context: hash });
      assert.equal((await ask("/credentials", forged)).status, 401);
    });

    it("are not answered to another pod that has the token", async () => {
      known = { ...known, pods: [buildPod({ podIP: "10.0.0.7" })] };
      let asked = 0;
      credentials = () => {
        asked += 1;
        return Promise.resolve({});
      };
      for (const path of ["/context", "/credentials"]) {
        const answer = await ask(path);
        assert.equal(answer.status, 503);
        assert.equal(answer.headers.get("retry-after"), "1");
      }
      assert.equal(asked, 0, "no credential is minted for a stranger");
      assert.ok(
        logged.some((line) => line.includes('"standing":"unseen"')),
        "and it is logged",
      );
    });

    it("are not answered once the build's own code can run, nor after its end", async () => {
      const terminated = { exitCode: 0 };
      const states: KnownBuild[] = [
        {
          job: known.job,
          pods: [
            buildPod({
              podIP: "127.0.0.1",
              initContainerStatuses: [{ name: CONTEXT_CONTAINER, state: { terminated } }] as never,
            }),
          ],
        },
        { ...known, job: job({ conditions: [{ type: "Failed", status: "True" }] as never }, hash) },
        { ...known, job: job({}, "d".repeat(64)) },
      ];
      for (known of states)
        for (const path of ["/context", "/credentials"]) assert.equal((await ask(path)).status, 403);
    });

    it("are made for the namespace that the token names, whatever else a request says", async () => {
      const builds: unknown[] = [];
      credentials = (build): Promise<CredentialFiles> => {
        builds.push(build);
        return Promise.resolve({ "config.json": "{}" });
      };
      const answer = await fetch(`${url}/credentials?namespace=team-b`, {
        headers: { authorization: `Bearer ${token}`, "x-namespace": "team-b", "x-forwarded-for": "10.0.0.7" },
      });
      assert.deepEqual(await answer.json(), { files: { "config.json": "{}" } });
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.deepEqual(builds, [{ namespace: "team-a", jobName: claims.job }]);
    });

    it("are never logged, and neither are tokens", async () => {
      credentials = () => Promise.resolve({ "config.json": "very-secret" });
      await ask("/credentials");
      await ask("/context");
      await ask("/credentials", `${token}x`);
      credentials = () => Promise.reject(new InfrastructureError("RegistryLoginFailed", "STS is away"));
      assert.deepEqual(await (await ask("/credentials")).json(), { error: "the builder can't answer now" });
      assert.ok(logged.length >= 4);
      for (const line of logged)
        assert.ok(!line.includes("very-secret") && !line.includes(token.slice(0, 20)), line);
    });

    it("are got and nothing else", async () => {
      assert.equal((await fetch(`${url}/context`, { method: "POST", body: "x" })).status, 404);
      assert.equal((await fetch(`${url}/context`, { method: "HEAD" })).status, 404);
      assert.equal((await ask("/")).status, 404);
      assert.equal((await ask("/context/../../etc/passwd")).status, 404);
    });
  });

  describe("under pressure", () => {
    it("are sent so many at a time, and the rest is told to come again", async () => {
      await server.close();
      await start({ most: 2 });
      const open: (() => void)[] = [];
      contexts = async () => {
        await new Promise<void>((resolve) => open.push(resolve));
        return { size: archive.length, body: bytesOf(archive) };
      };
      const [one, two] = [ask("/context"), ask("/context")];
      await until("two", () => open.length === 2);
      assert.equal((await ask("/context")).status, 503);
      for (const go of open) go();
      for (const answer of await Promise.all([one, two]))
        assert.equal((await answer.arrayBuffer()).byteLength, archive.length);
      contexts = () => Promise.resolve({ size: archive.length, body: bytesOf(archive) });
      assert.equal((await ask("/context")).status, 200);
    });

    it("let their source go when the pod goes away", async () => {
      let aborted = false;
      let closed = false;
      server.server.unref();
      await server.close();
      await start({
        openContext: (_hash, signal) => {
          signal.addEventListener("abort", () => (aborted = true));
          const body = (async function* () {
            try {
              for (;;) {
                yield Buffer.alloc(65_536);
                await new Promise((resolve) => setTimeout(resolve, 1));
              }
            } finally {
              closed = true;
            }
          })();
          return Promise.resolve({ size: undefined, body });
        },
      });
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      socket.write(`GET /context HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      await new Promise((resolve) => socket.once("data", resolve));
      socket.destroy();
      await until("the source is let go", () => aborted && closed);
    });

    it("break off visibly where their source does", async () => {
      contexts = () =>
        Promise.resolve({
          size: archive.length,
          body: (async function* () {
            yield archive.subarray(0, 100);
            await new Promise((resolve) => setTimeout(resolve, 10));
            throw new InfrastructureError("ContextFailed", "the bucket is gone");
          })(),
        });
      const answer = await ask("/context");
      assert.equal(answer.status, 200);
      await assert.rejects(answer.arrayBuffer());
      contexts = () => Promise.reject(new InfrastructureError("ContextFailed", "the bucket is gone"));
      assert.equal((await ask("/context")).status, 503);
    });

    it("read no header of any size", async () => {
      const answer = await fetch(`${url}/context`, {
        headers: { authorization: `Bearer ${"x".repeat(9_000)}` },
      });
      assert.equal(answer.status, 431);
    });
  });

  it("are not fetched from a server that says nothing", async () => {
    const stop = new AbortController();
    const deaf = await Loopback.listen(() => {
      stop.abort();
    });
    await assert.rejects(fetchInto(await target(), { url: deaf.url, signal: stop.signal }), /\/context: /);
    await deaf.close();
  });
});
