import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { withDeadline } from "../../../builder/deadline";
import { RegistryClient } from "../../../builder/registry/client";
import { digestOf } from "../../../builder/registry/digest";
import type { LoginSource } from "../../../builder/registry/login";
import { type RegistryError } from "../../../builder/registry/registryError";
import type { TransportArgs } from "../../../builder/registry/transport";
import { InfrastructureError } from "../../../builder/types";
import { FakeRegistry } from "../support/fakeRegistry";
import { Loopback } from "../support/loopback";

const OCI = "application/vnd.oci.image.manifest.v1+json";
const missing = `sha256:${"0".repeat(64)}`;

describe("the client of a registry", () => {
  let registry: FakeRegistry;
  let client: RegistryClient;
  const connect = (args: Partial<TransportArgs> = {}): RegistryClient =>
    new RegistryClient({ registry: registry.host, insecure: true, random: () => 0, retries: 1, ...args });
  beforeEach(async () => {
    registry = await FakeRegistry.start();
    client = connect();
  });
  afterEach(() => registry.close());
  const writes = (): string[] =>
    registry.asked
      .filter(({ method }) => method !== "GET" && method !== "HEAD")
      .map(({ method, path }) => `${method} ${path}`);

  it("computes a manifest's digest from its bytes, by tag and by digest, and knows what isn't there", async () => {
    const digest = registry.putManifest("team/f", "v1", { schemaVersion: 2 }, OCI);
    const byTag = await client.manifest("team/f", "v1");
    assert.equal(byTag?.digest, digest);
    assert.equal(byTag.mediaType, OCI);
    assert.deepEqual(await client.manifest("team/f", digest), byTag);
    assert.equal(await client.manifest("team/f", "v2"), undefined);
    assert.equal(await client.exists("team/f", "v1"), true);
    assert.equal(await client.exists("team/f", missing), false);
  });

  it("refuses other bytes than those that a digest stands for", async () => {
    registry.intercept = () => ({ code: 200, body: '{"forged":true}' });
    await assert.rejects(client.manifest("team/f", missing), (error: InfrastructureError) => {
      assert.equal(error.reason, "DigestDiffers");
      assert.match(error.message, /says sha256:0{64} of a manifest whose digest is sha256:[0-9a-f]{64}$/);
      return true;
    });
    registry.intercept = () => ({ code: 200, body: "{}", headers: { "docker-content-digest": missing } });
    await assert.rejects(client.manifest("team/f", "v1"), /DigestDiffers|whose digest is/);
  });

  it("puts a tag on an image by its own bytes, moves it, and writes nothing where it is there", async () => {
    const one = registry.putManifest("team/f", "hash-1", { n: 1 }, OCI);
    const two = registry.putManifest("team/f", "hash-2", { n: 2 }, OCI);
    assert.equal(await client.tag("team/f", one, "live-f-current"), true);
    assert.equal(registry.tagged("team/f", "live-f-current"), one);
    assert.equal(await client.tag("team/f", one, "live-f-current"), false);
    assert.equal(await client.tag("team/f", two, "live-f-current"), true);
    assert.equal(registry.tagged("team/f", "live-f-current"), two);
    assert.equal(writes().length, 2);
    await assert.rejects(
      client.tag("team/f", missing, "live-f-current"),
      (error: RegistryError) => error.code === 404,
    );
  });

  it("takes a tag off and leaves the image, where the registry can", async () => {
    const digest = registry.putManifest("team/f", "live-f-current", { n: 1 }, OCI);
    assert.equal(await client.untag("team/f", "live-f-current"), "removed");
    assert.equal(await client.untag("team/f", "live-f-current"), "absent");
    assert.equal(await client.exists("team/f", digest), true);
    registry.intercept = () => ({ code: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' });
    assert.equal(await client.untag("team/f", "live-f-current"), "unsupported");
  });

  it("lists tags page by page, and none of a repository that isn't there", async () => {
    for (let index = 0; index < 2_500; index += 1) registry.putManifest("team/f", `t${index}`, {}, OCI);
    assert.equal(new Set(await client.tags("team/f")).size, 2_500);
    assert.equal(registry.asked.length, 3);
    assert.deepEqual(await client.tags("team/none"), []);
  });

  it("sends a blob once, mounts one that is in another repository, and puts a manifest over them", async () => {
    const layer = Buffer.from("layer");
    const digest = await client.putBlob("team/f", layer);
    assert.equal(digest, digestOf(layer));
    assert.equal(await client.putBlob("team/f", layer), digest);
    assert.deepEqual(writes(), ["POST /v2/team/f/blobs/uploads/", "PUT /v2/team/f/blobs/uploads/1"]);
    assert.equal(await client.mountBlob("team/g", digest, "team/f"), true);
    assert.equal(await client.hasBlob("team/g", digest), true);
    assert.equal(await client.mountBlob("team/g", missing, "team/f"), false);
    const bytes = Buffer.from("{}");
    assert.equal(await client.putManifest("team/g", "t", { bytes, mediaType: OCI }), digestOf(bytes));
    assert.equal(registry.tagged("team/g", "t"), digestOf(bytes));
  });

  it("follows a blob to another host, and gives that host no credential", async () => {
    const digest = registry.putBlob("team/f", Buffer.from("layer"));
    registry.basic = `Basic ${Buffer.from("u:p").toString("base64")}`;
    const given: (string | undefined)[] = [];
    const storage = await Loopback.listen((request, response) => {
      given.push(request.headers.authorization);
      response.end("from storage");
    });
    registry.redirectBlobsTo = storage.url;
    const asUser = connect({ login: () => Promise.resolve({ username: "u", password: "p" }) });
    const read = async (body: AsyncIterable<unknown>): Promise<string> => {
      let text = "";
      for await (const chunk of body) text += String(chunk);
      return text;
    };
    assert.equal(await asUser.blob("team/f", digest, read), "from storage");
    assert.deepEqual(given, [undefined]);
    registry.redirectBlobsTo = "file:///etc";
    await assert.rejects(asUser.blob("team/f", digest, read), /redirects to nowhere/);
    await storage.close();
    assert.equal(await asUser.blob("team/f", missing, read), undefined);
  });

  it("asks again where the registry fails, and does not where it refuses", async () => {
    registry.putManifest("team/f", "v1", {}, OCI);
    let failures = 1;
    registry.intercept = () => (failures-- > 0 ? { code: 503 } : undefined);
    assert.ok(await client.manifest("team/f", "v1"));
    failures = 2;
    await assert.rejects(client.manifest("team/f", "v1"), /answered 503 Service Unavailable$/);
    registry.asked.length = 0;
    registry.intercept = () => ({ code: 403, body: '{"errors":[{"code":"DENIED","message":"not yours"}]}' });
    await assert.rejects(client.manifest("team/f", "v1"), (error: RegistryError) => {
      assert.ok(error instanceof InfrastructureError);
      assert.deepEqual(error.codes, ["DENIED"]);
      assert.match(error.message, /answered 403 Forbidden: DENIED not yours$/);
      return true;
    });
    assert.equal(registry.asked.length, 1);
  });

  it("says that a registry can't be reached, and waits for no answer for ever", async () => {
    await assert.rejects(
      new RegistryClient({ registry: "127.0.0.1:1", insecure: true, retries: 0 }).manifest("a", "b"),
      (error: InfrastructureError) => {
        assert.equal(error.reason, "RegistryUnreachable");
        assert.match(error.message, /^127\.0\.0\.1:1 can't be reached: .*ECONNREFUSED/);
        return true;
      },
    );
    const silent = await Loopback.listen(() => undefined);
    const waiting = new RegistryClient({ registry: silent.host, insecure: true, retries: 0, timeoutMs: 30 });
    await assert.rejects(
      waiting.manifest("a", "b"),
      (error: InfrastructureError) => error.reason === "RegistryTimeout",
    );
    const controller = new AbortController();
    const given = waiting.manifest("a", "b", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await assert.rejects(given, /^Error: enough$/);
    await silent.close();
  });

  it("says itself that a blob doesn't come or go, within the time of all attempts, and tries no second time", async () => {
    let asked = 0;
    const stuck = await Loopback.listen((request, response) => {
      if (request.method === "HEAD") return void response.writeHead(404).end();
      if (request.method === "POST") return void response.writeHead(202, { location: "/v2/up" }).end();
      asked += 1;
      // What is put is never answered, and what is read never ends.
      if (request.method === "GET") response.writeHead(200).write("x");
    });
    const impatient = new RegistryClient({
      registry: stuck.host,
      insecure: true,
      random: () => 0,
      askMs: 200,
    });
    const work: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => impatient.blob("team/f", missing, buffer, { signal }),
      (signal) => impatient.putBlob("team/f", Buffer.from("layer"), { signal }),
    ];
    for (const [index, ask] of work.entries()) {
      await assert.rejects(withDeadline(5_000, undefined, ask), (error: InfrastructureError) => {
        assert.equal(error.reason, "RegistryTimeout");
        assert.match(error.message, /no end within 200 ms$/);
        return true;
      });
      assert.equal(asked, index + 1);
    }
    await stuck.close();
  });

  it("asks a registry that fails again as long as there is time, and says how it failed", async () => {
    registry.intercept = () => ({ code: 503 });
    await assert.rejects(connect({ retries: 100, askMs: 3_000 }).manifest("team/f", "v1"), /503/);
    // After 150, 300, 600 and 1,200 ms on a machine that never stands still; 2,400 more are too long on any.
    const { length } = registry.asked;
    assert.ok(length >= 2 && length <= 5, `asked ${length} times`);
  });

  it("reads no manifest of any size", async () => {
    registry.intercept = () => ({ code: 200, body: "x".repeat(4 * 1024 * 1024 + 1) });
    await assert.rejects(client.manifest("team/f", "v1"), /an answer of more than 4194304 bytes/);
    assert.equal(registry.asked.length, 1);
  });
});

describe("a registry's challenge", () => {
  let registry: FakeRegistry;
  let logins: boolean[];
  beforeEach(async () => {
    registry = await FakeRegistry.start();
    registry.putManifest("team/f", "v1", {}, OCI);
    logins = [];
  });
  afterEach(() => registry.close());
  /** Gives the first password until it is to be renewed, then the next, and the last for ever. */
  const passwords = (...given: string[]): LoginSource => {
    let index = 0;
    return ({ renew }) => {
      logins.push(renew);
      if (renew) index = Math.min(index + 1, given.length - 1);
      return Promise.resolve({ username: "u", password: given[index] ?? "" });
    };
  };
  const renewals = () => logins.filter((renew) => renew).length;
  const connect = (login: LoginSource) =>
    new RegistryClient({ registry: registry.host, insecure: true, login, retries: 0 });
  const basic = (password: string) => `Basic ${Buffer.from(`u:${password}`).toString("base64")}`;

  it("is met with the login, which goes with later requests at once", async () => {
    registry.basic = basic("p");
    const client = connect(passwords("p"));
    assert.ok(await client.manifest("team/f", "v1"));
    assert.ok(await client.manifest("team/f", "v1"));
    assert.equal(registry.asked.length, 3);
    assert.deepEqual(logins, [false, false]);
    assert.equal(
      registry.asked[0]?.headers.authorization,
      undefined,
      "no credential before one is asked for",
    );
  });

  it("is met with a new login where the old one has ended, and no third time", async () => {
    registry.basic = basic("old");
    const client = connect(passwords("old", "new"));
    await client.manifest("team/f", "v1");
    registry.basic = basic("new");
    assert.ok(await client.manifest("team/f", "v1"));
    assert.equal(renewals(), 1);
    registry.basic = basic("another");
    registry.asked.length = 0;
    await assert.rejects(client.manifest("team/f", "v1"), /answered 401 Unauthorized/);
    assert.ok(registry.asked.length <= 2);
  });

  it("is met with the login that holds now: its source is asked before each use", async () => {
    let password = "morning";
    const client = connect(() => Promise.resolve({ username: "u", password }));
    registry.basic = basic("morning");
    assert.ok(await client.manifest("team/f", "v1"));
    password = "evening";
    registry.basic = basic("evening");
    registry.asked.length = 0;
    assert.ok(await client.manifest("team/f", "v1"));
    assert.equal(registry.asked.length, 1, "a login that its source had let go was sent");
  });

  /** Answers as ECR does: without a login by a challenge, and to one that has ended by a refusal. */
  const asEcr = (): void => {
    let current = "one";
    registry.basic = undefined;
    ends = (next) => (current = next);
    registry.intercept = ({ method, headers }) => {
      if (headers.authorization === undefined)
        return { code: 401, headers: { "www-authenticate": 'Basic realm="https://ecr/",service="ecr"' } };
      if (headers.authorization === basic(current)) return undefined;
      const message = "Your authorization token has expired. Reauthenticate and try again.";
      const body = JSON.stringify({ errors: [{ code: "DENIED", message }] });
      return { code: 403, body: method === "HEAD" ? "" : body };
    };
  };
  let ends: (next: string) => void;

  it("is met anew once where ECR says of a login that it has expired, which it does by a 403", async () => {
    asEcr();
    const client = connect(passwords("one", "two", "three"));
    assert.ok(await client.manifest("team/f", "v1"));
    ends("two");
    assert.ok(await client.manifest("team/f", "v1"));
    assert.equal(renewals(), 1);
    ends("three");
    assert.equal(await client.exists("team/f", "v1"), true, "an answer to a HEAD says no reason");
    assert.equal(renewals(), 2);
    ends("none that anybody has");
    registry.asked.length = 0;
    await assert.rejects(client.manifest("team/f", "v1"), /403 Forbidden: DENIED Your authorization token/);
    assert.equal(renewals(), 3);
    assert.equal(registry.asked.length, 1, "a login that is no other was sent again");
  });

  it("is met by one new login where many are refused at a time", async () => {
    asEcr();
    const client = connect(passwords("one", "two", "three"));
    await client.manifest("team/f", "v1");
    ends("two");
    await Promise.all(Array.from({ length: 20 }, () => client.manifest("team/f", "v1")));
    assert.equal(renewals(), 1);
  });

  it("costs no login where it is the rights that are missing, and one at the most where nothing says so", async () => {
    asEcr();
    const client = connect(passwords("one", "two", "three"));
    await client.manifest("team/f", "v1");
    registry.intercept = ({ method }) => ({
      code: 403,
      body:
        method === "HEAD"
          ? ""
          : '{"errors":[{"code":"DENIED","message":"not authorized: ecr:BatchGetImage"}]}',
    });
    registry.asked.length = 0;
    await assert.rejects(client.manifest("team/f", "v1"), /403 Forbidden: DENIED not authorized/);
    assert.deepEqual([renewals(), registry.asked.length], [0, 1]);
    await assert.rejects(client.exists("team/f", "v1"), /403 Forbidden/);
    assert.deepEqual([renewals(), registry.asked.length], [1, 3]);
  });

  it("fails without a login", async () => {
    registry.basic = basic("p");
    await assert.rejects(connect(() => Promise.resolve(undefined)).manifest("team/f", "v1"), /answered 401/);
  });

  it("is met with a token of the service that it names, one for reading and one for writing", async () => {
    const scopes: string[] = [];
    const tokens = await Loopback.listen((request, response) => {
      const { searchParams } = new URL(request.url ?? "/", "http://tokens");
      scopes.push(`${searchParams.get("scope") ?? ""} ${searchParams.get("service") ?? ""}`);
      const known = request.headers.authorization === basic("p");
      response.writeHead(known ? 200 : 401);
      response.end(JSON.stringify({ token: `t-${searchParams.get("scope") ?? ""}`, expires_in: 300 }));
    });
    registry.intercept = ({ method, headers }) => {
      const scope = `repository:team/f:${method === "GET" ? "pull" : "pull,push"}`;
      if (headers.authorization === `Bearer t-${scope}`) return undefined;
      const parameters = `realm="${tokens.url}/token",service="fake",scope="${scope}"`;
      return { code: 401, headers: { "www-authenticate": `Bearer ${parameters}` } };
    };
    const client = connect(passwords("p"));
    const manifest = await client.manifest("team/f", "v1");
    await client.manifest("team/f", "v1");
    assert.deepEqual(scopes, ["repository:team/f:pull fake"]);
    assert.ok(manifest);
    await client.putManifest("team/f", "v2", manifest);
    assert.deepEqual(scopes.slice(1), ["repository:team/f:pull,push fake"]);
    await assert.rejects(connect(passwords("wrong")).manifest("team/f", "v1"), /answered 401/);
    await tokens.close();
  });

  it("is met with a new login where the service for its tokens refuses the one that was kept", async () => {
    const given: (string | undefined)[] = [];
    const tokens = await Loopback.listen((request, response) => {
      given.push(request.headers.authorization);
      response.writeHead(request.headers.authorization === basic("new") ? 200 : 401);
      response.end(JSON.stringify({ token: "t", expires_in: 300 }));
    });
    registry.intercept = ({ headers }) =>
      headers.authorization === "Bearer t"
        ? undefined
        : { code: 401, headers: { "www-authenticate": `Bearer realm="${tokens.url}/token"` } };
    assert.ok(await connect(passwords("old", "new")).manifest("team/f", "v1"));
    assert.deepEqual(given, [basic("old"), basic("new")]);
    given.length = 0;
    await assert.rejects(connect(passwords("old", "wrong")).manifest("team/f", "v1"), /answered 401/);
    assert.equal(given.length, 2);
    await tokens.close();
  });

  it("is met no longer with a token that has ended", async () => {
    let issued = 0;
    const tokens = await Loopback.listen((_request, response) => {
      issued += 1;
      // Tokens are not used in the last 5 s.
      response.end(JSON.stringify({ token: `t${issued}`, expires_in: issued === 1 ? 5 : 300 }));
    });
    registry.intercept = ({ headers }) =>
      headers.authorization === `Bearer t${issued}`
        ? undefined
        : { code: 401, headers: { "www-authenticate": `Bearer realm="${tokens.url}/token"` } };
    const client = connect(passwords("p"));
    await client.manifest("team/f", "v1");
    await client.manifest("team/f", "v1");
    await client.manifest("team/f", "v1");
    assert.equal(issued, 2);
    issued += 1;
    assert.ok(await client.manifest("team/f", "v1"), "a token that was taken back early is renewed");
    await tokens.close();
  });

  it("of a host that a registry redirects to is met with nothing: it could name a place of its own for the login", async () => {
    let reached = 0;
    const tokens = await Loopback.listen((_request, response) => {
      reached += 1;
      response.end(JSON.stringify({ token: "t" }));
    });
    const storage = await Loopback.listen((_request, response) => {
      response.writeHead(401, { "www-authenticate": `Bearer realm="${tokens.url}/token"` });
      response.end();
    });
    const digest = registry.putBlob("team/f", Buffer.from("layer"));
    registry.redirectBlobsTo = storage.url;
    const client = connect(passwords("p"));
    await assert.rejects(
      client.blob("team/f", digest, () => Promise.resolve(1)),
      /answered 401/,
    );
    assert.equal(reached, 0);
    await Promise.all([storage.close(), tokens.close()]);
  });

  it("gets no login where the service for its tokens is no place to send one to", async () => {
    let reached = 0;
    const thief = await Loopback.listen((_request, response) => {
      reached += 1;
      response.end("{}");
    });
    registry.intercept = () => ({
      code: 401,
      headers: { "www-authenticate": `Bearer realm="${thief.url.replace("http", "ftp")}"` },
    });
    await assert.rejects(connect(passwords("p")).manifest("team/f", "v1"), /no address to send a login to/);
    assert.equal(reached, 0);
    await thief.close();
  });
});
