import assert from "node:assert/strict";
import { ApiError, isConflict, isGone, isNotFound } from "../../../builder/kubernetes/apiError";
import { RateLimit } from "../../../builder/kubernetes/rateLimit";
import {
  CONFIG_MAPS,
  FUNCTIONS,
  JOBS,
  LEASES,
  TOKEN_REVIEWS,
  pathOf,
  PODS,
} from "../../../builder/kubernetes/resources";
import type { Answered } from "../../../builder/kubernetes/transport";
import { InfrastructureError } from "../../../builder/types";
import { FakeApi } from "../support/fakeApi";

const MAPS = "/api/v1/namespaces/n/configmaps";
const map = (data: Record<string, string>) => ({ metadata: { namespace: "n", name: "m" }, data });

describe("paths of objects", () => {
  it("lead to collections, objects and subresources, of the core group and of others", () => {
    assert.equal(pathOf(PODS), "/api/v1/pods");
    assert.equal(pathOf(PODS, { namespace: "n", name: "p" }, "log"), "/api/v1/namespaces/n/pods/p/log");
    assert.equal(pathOf(JOBS, { namespace: "n" }), "/apis/batch/v1/namespaces/n/jobs");
    assert.equal(pathOf(TOKEN_REVIEWS, { name: "n" }), "/apis/authentication.k8s.io/v1/tokenreviews/n");
    assert.equal(
      pathOf(FUNCTIONS, { namespace: "n", name: "f" }, "status"),
      "/apis/lambda.knative.io/v1alpha1/namespaces/n/lambdafunctions/f/status",
    );
  });

  it("never lead anywhere else", () => {
    for (const name of ["", ".", "..", "a/b", "../secrets", "a%2fb", "a\\b"]) {
      assert.throws(() => pathOf(PODS, { namespace: "n", name }), RangeError, name);
      assert.throws(() => pathOf(PODS, { namespace: name, name: "p" }), RangeError, name);
    }
    assert.equal(pathOf(PODS, { namespace: "n", name: "a?b#c" }), "/api/v1/namespaces/n/pods/a%3Fb%23c");
    assert.throws(() => pathOf(PODS, { name: "p" }), /pods have a namespace/);
  });
});

describe("the client of Kubernetes' API", () => {
  let api: FakeApi;
  beforeEach(async () => {
    api = await FakeApi.start();
  });
  afterEach(() => api.close());

  it("answers undefined for an object that isn't there", async () => {
    assert.equal(await api.client().get(JOBS, { namespace: "n", name: "build" }), undefined);
  });

  it("applies with its field manager, by force and with every field checked", async () => {
    const made = await api.client().apply(CONFIG_MAPS, map({ a: "1" }));
    assert.equal(made.data?.["a"], "1");
    const [asked] = api.askedFor("PATCH");
    assert.equal(asked?.path, `${MAPS}/m`);
    assert.equal(asked.headers["content-type"], "application/apply-patch+yaml");
    assert.deepEqual(Object.fromEntries(asked.query), {
      fieldManager: "test",
      force: "true",
      fieldValidation: "Strict",
    });
    assert.deepEqual(asked.body, { ...map({ a: "1" }), apiVersion: "v1", kind: "ConfigMap" });
  });

  it("replaces a whole status, for the version that was observed only", async () => {
    const path = "/apis/batch/v1/namespaces/n/jobs";
    const metadata = { namespace: "n", name: "j" };
    api.put(path, { metadata, status: { active: 1, ready: 1 } } as never);
    const client = api.client();
    const observed = await client.get(JOBS, { namespace: "n", name: "j" });
    assert.ok(observed);
    const written = await client.replaceStatus(JOBS, observed, { succeeded: 1 });
    assert.deepEqual(written.status, { succeeded: 1 });
    assert.equal(api.askedFor("PATCH")[0]?.path, `${path}/j/status`);
    await assert.rejects(client.replaceStatus(JOBS, observed, { failed: 1 }), isConflict);
    assert.equal(api.askedFor("PATCH").length, 2, "a conflict is no reason to try again");
  });

  it("deletes what was observed and nothing else, and says whether it was there", async () => {
    const client = api.client();
    const made = await client.create(CONFIG_MAPS, map({}));
    await client.merge(CONFIG_MAPS, made.metadata, { data: { a: "1" } });
    const stale = { uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion };
    await assert.rejects(client.delete(CONFIG_MAPS, made.metadata, { preconditions: stale }), isConflict);
    assert.equal(
      await client.delete(CONFIG_MAPS, made.metadata, { preconditions: { uid: made.metadata.uid } }),
      true,
    );
    assert.equal(await client.delete(CONFIG_MAPS, made.metadata), false);
  });

  it("asks again where the server fails or is busy, and says each attempt", async () => {
    const codes = [500, 503, 429];
    api.intercept = ({ method }) => {
      const code = method === "GET" ? codes.shift() : undefined;
      return code === undefined ? undefined : { code, body: "no" };
    };
    const answers: Answered[] = [];
    api.put(MAPS, map({ a: "1" }));
    const client = api.client({ random: () => 0, onAnswer: (answered) => answers.push(answered) });
    assert.equal((await client.get(CONFIG_MAPS, { namespace: "n", name: "m" }))?.data?.["a"], "1");
    assert.deepEqual(
      answers.map(({ code }) => code),
      [500, 503, 429, 200],
    );
  });

  it("gives up after so many attempts, with the server's own words", async () => {
    api.intercept = () => ({ code: 500, body: { kind: "Status", reason: "InternalError", message: "etcd" } });
    const client = api.client({ retries: 1, random: () => 0 });
    await assert.rejects(client.get(JOBS, { namespace: "n", name: "j" }), (error: ApiError) => {
      assert.ok(error instanceof ApiError && error instanceof InfrastructureError);
      assert.equal(error.message, "GET /apis/batch/v1/namespaces/n/jobs/j: 500 etcd");
      assert.equal(error.statusReason, "InternalError");
      return true;
    });
    assert.equal(api.asked.length, 2);
  });

  it("never sends a create again that may have made its object, unless the server took nothing", async () => {
    const client = api.client({ random: () => 0 });
    api.intercept = () => ({ code: 500 });
    await assert.rejects(client.create(CONFIG_MAPS, map({})), /500/);
    assert.equal(api.askedFor("POST").length, 1);
    let busy = true;
    api.intercept = () => {
      const given = busy ? { code: 429, headers: { "retry-after": "0" } } : undefined;
      busy = false;
      return given;
    };
    await client.create(CONFIG_MAPS, map({}));
    assert.equal(api.askedFor("POST").length, 3);
  });

  it("leaves a long wait that the server asks for to whoever asked", async () => {
    api.intercept = () => ({ code: 429, headers: { "retry-after": "30" } });
    await assert.rejects(api.client().get(JOBS, { namespace: "n", name: "j" }), (error: ApiError) => {
      assert.equal(error.retryAfterMs, 30_000);
      return true;
    });
    assert.equal(api.asked.length, 1);
  });

  it("reads its credentials anew when they are refused, and asks once more", async () => {
    const { connection } = api;
    api.intercept = () => (connection.renewed === 0 ? { code: 401 } : undefined);
    api.put(MAPS, map({}));
    const client = api.client({ connection, random: () => 0 });
    assert.ok(await client.get(CONFIG_MAPS, { namespace: "n", name: "m" }));
    api.intercept = () => ({ code: 401 });
    await assert.rejects(client.get(CONFIG_MAPS, { namespace: "n", name: "m" }), /401/);
    assert.equal(api.asked.length, 4);
  });

  it("does not wait for an answer for ever, and says that the server is at fault", async () => {
    api.intercept = () => "hang";
    const client = api.client({ timeoutMs: 30, retries: 0 });
    await assert.rejects(client.get(JOBS, { namespace: "n", name: "j" }), (error: InfrastructureError) => {
      assert.equal(error.reason, "ApiServerTimeout");
      return true;
    });
  });

  it("stops at once when its caller does, with the caller's own reason", async () => {
    const controller = new AbortController();
    api.intercept = () => {
      setImmediate(() => {
        controller.abort(new Error("SIGTERM"));
      });
      return "hang";
    };
    const asked = api.client().get(JOBS, { namespace: "n", name: "j" }, { signal: controller.signal });
    await assert.rejects(asked, /^Error: SIGTERM$/);
    assert.equal(api.asked.length, 1);
  });

  it("tells a server that can't be reached from one that refuses", async () => {
    const client = api.client({ retries: 0 });
    await api.restart(async () => {
      await assert.rejects(client.list(JOBS, {}), (error: InfrastructureError) => {
        assert.equal(error.reason, "ApiServerUnreachable");
        assert.match(error.message, /GET \/apis\/batch\/v1\/jobs: .*ECONNREFUSED/);
        return true;
      });
    });
    assert.deepEqual((await client.list(JOBS, {})).items, []);
  });

  it("keeps its requests within the rate limit, and the wait for it is nobody's fault", async () => {
    const client = api.client({
      rateLimit: new RateLimit({ perSecond: 2, burst: 1 }),
      timeoutMs: 1_000,
      retries: 0,
    });
    const started = performance.now();
    await Promise.all(Array.from({ length: 4 }, () => client.list(LEASES, { namespace: "n" })));
    assert.ok(performance.now() - started >= 1_490);
  });

  it("takes no watch for broken that goes on to speak, and one that falls silent for no other", async () => {
    const maps = "/api/v1/configmaps";
    let events = 0;
    const watching = api.client().watch(
      CONFIG_MAPS,
      {},
      {
        resourceVersion: "0",
        seconds: 60,
        silentMs: 600,
        onEvent: () => (events += 1),
        signal: new AbortController().signal,
      },
    );
    const speaking = setInterval(() => api.put(maps, map({})), 30);
    setTimeout(() => {
      clearInterval(speaking);
    }, 1_500);
    await assert.rejects(watching, (error: InfrastructureError) => error.reason === "WatchSilent");
    assert.ok(events >= 10, `${events} events`);
  });

  it("has the end of a log, or nothing where there is none", async () => {
    api.intercept = ({ path }) =>
      path.endsWith("/p/log") ? { code: 200, body: "last line\n" } : { code: 400, body: "waiting to start" };
    const client = api.client();
    const options = { container: "kaniko", tailLines: 3, limitBytes: 100 };
    assert.equal(await client.log({ namespace: "n", name: "p" }, options), "last line\n");
    assert.equal(await client.log({ namespace: "n", name: "q" }, options), undefined);
    assert.equal(api.asked[0]?.query.get("tailLines"), "3");
  });
});

describe("an answer of the API server", () => {
  it("counts as gone where a version is too old, and where it is too new", () => {
    assert.ok(isGone(ApiError.of("WATCH", 410, "{}")));
    const tooNew = { reason: "Timeout", details: { causes: [{ reason: "ResourceVersionTooLarge" }] } };
    assert.ok(isGone(ApiError.of("WATCH", 504, JSON.stringify(tooNew))));
    assert.ok(!isGone(ApiError.of("WATCH", 504, "{}")));
  });

  it("is read whatever it is", () => {
    for (const body of ["", "null", "[]", "<html>", '"x"', '{"details":null}'])
      assert.ok(isNotFound(ApiError.of("GET", 404, body)), body);
    assert.equal(ApiError.of("GET", 503, "").message, "GET: 503");
  });

  it("is told in short, with the cause that stands at its end, and never where it may hold a Secret", () => {
    const message = `invalid: ${"x".repeat(5_000)}: unknown field "status.nonsense"`;
    const told = ApiError.of("PATCH", 422, JSON.stringify({ message })).message;
    assert.ok(told.length < 520 && told.endsWith('unknown field "status.nonsense"'), told);
    assert.equal(
      ApiError.of("PATCH /api/v1/namespaces/n/secrets/s", 422, JSON.stringify({ message })).message,
      "PATCH /api/v1/namespaces/n/secrets/s: 422",
    );
  });
});
