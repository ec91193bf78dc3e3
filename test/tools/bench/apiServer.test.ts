import assert from "node:assert/strict";
import { KubernetesClient } from "../../../builder/kubernetes/client";
import { isConflict } from "../../../builder/kubernetes/apiError";
import { RateLimit } from "../../../builder/kubernetes/rateLimit";
import { Reflector } from "../../../builder/kubernetes/reflector";
import { FUNCTIONS, LEASES, PODS, SERVICES } from "../../../builder/kubernetes/resources";
import { ApiServer } from "../../../tools/bench/apiServer";
import { readyFunctions } from "../../../tools/bench/readyFunctions";
import { Loopback, until } from "../../builder/support/loopback";
import { Agent } from "undici";

describe("the bench's API server", () => {
  const api = new ApiServer();
  let loopback: Loopback;
  let client: KubernetesClient;
  const dispatcher = new Agent();
  before(async () => {
    loopback = await Loopback.listen((request, response) => {
      void api.answer(request, new URL(request.url ?? "/", "http://api"), response);
    });
    client = new KubernetesClient({
      connection: {
        server: loopback.url,
        credentials: () => Promise.resolve({ headers: {}, dispatcher }),
        renew: () => undefined,
        close: () => dispatcher.destroy(),
      },
      rateLimit: new RateLimit({ perSecond: 1e6, burst: 1e6 }),
      userAgent: "test",
      fieldManager: "test",
    });
    for (const { resource, object } of await readyFunctions({ count: 50, registry: "registry.example" }))
      api.place(resource, object);
  });
  after(async () => {
    await dispatcher.destroy();
    await loopback.close();
  });

  it("lists in pages, and tells a watch what comes after", async () => {
    const stop = new AbortController();
    const reflector = new Reflector({ client, resource: FUNCTIONS, pageSize: 20, resyncMs: 0 });
    const running = reflector.run(stop.signal);
    await reflector.synced(stop.signal);
    assert.equal(reflector.store.size, 50);
    assert.equal(api.requests["GET lambdafunctions"], 3);
    const [fn] = reflector.store.list();
    assert.ok(fn);
    await client.merge(FUNCTIONS, fn.metadata, { metadata: { labels: { new: "label" } } });
    await until(
      "the change",
      () => reflector.store.get("team-0/order-handler-0")?.metadata.labels?.["new"] === "label",
    );
    stop.abort();
    await running;
  });

  it("selects by labels, so that a build's pods are none that serve", async () => {
    const label = "lambda.knative.io/build";
    const { items: serving } = await client.list(PODS, {
      labelSelector: `serving.knative.dev/revision,!${label}`,
    });
    const { items: building } = await client.list(PODS, { labelSelector: `${label}=true` });
    assert.deepEqual([serving.length, building.length], [5, 1]);
  });

  it("refuses what was decided from another version", async () => {
    const key = { namespace: "team-1", name: "order-handler-1" };
    const fn = await client.get(FUNCTIONS, key);
    assert.ok(fn?.status);
    const { generation } = await client
      .replaceStatus(FUNCTIONS, fn, { ...fn.status, phase: "Failed" })
      .then(({ metadata }) => metadata);
    assert.equal(generation, 1);
    await assert.rejects(client.replaceStatus(FUNCTIONS, fn, fn.status), (error) => isConflict(error));
    assert.equal((await client.get(FUNCTIONS, key))?.status?.phase, "Failed");
  });

  it("applies what is there and what is not", async () => {
    const lease = (holderIdentity: string) => ({
      metadata: { namespace: "n", name: "l" },
      spec: { holderIdentity },
    });
    await client.apply(LEASES, lease("a"));
    assert.equal((await client.apply(LEASES, lease("b"))).spec?.holderIdentity, "b");
  });

  it("has objects as large as real ones, with who manages which field", async () => {
    const { items } = await client.list(SERVICES, { namespace: "team-2" });
    const [service] = items;
    assert.ok(JSON.stringify(service).length > 3_000);
    assert.deepEqual(
      service?.metadata.managedFields?.map(({ manager }) => manager),
      ["knative-lambda-builder", "controller"],
    );
  });
});
