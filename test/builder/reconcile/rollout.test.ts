import assert from "node:assert/strict";
import type { Connection } from "../../../builder/kubernetes/connection";
import type { KubernetesClient } from "../../../builder/kubernetes/client";
import type { LambdaFunction, OpenObject } from "../../../builder/kubernetes/resources";
import { stampOf, type StampedOutcome } from "../../../builder/kubernetes/stamp";
import { Store } from "../../../builder/kubernetes/store";
import { silent } from "../../../builder/log";
import { functionIndexes } from "../../../builder/reconcile/cluster";
import { Rollout } from "../../../builder/reconcile/rollout";
import { anonymous } from "../../../builder/registry/login";
import { Registries } from "../../../builder/registry/registries";
import { LABELS } from "../../../contract/labels";
import { API_GROUP } from "../../../contract/names";
import { ClusterApi } from "../support/clusterApi";
import { environmentFor } from "./support/environment";
import { lambdaFunction } from "./support/lambdaFunction";

// Of nobody's repository here, so that no registry is asked.
const IMAGE = "example.com/fn@sha256:1";

describe("a Service that a later builder has decided", () => {
  let api: ClusterApi;
  let connection: Connection;
  let client: KubernetesClient;
  let fn: LambdaFunction;
  let laterLives: boolean;
  /** Services as the earlier builder's watch has them. */
  let watched: Store<OpenObject>;
  let functions: Store<LambdaFunction>;
  let earlier: Rollout;
  let asked: number;

  beforeEach(async () => {
    api = await ClusterApi.start();
    connection = api.connection();
    client = api.client("builder", connection);
    const { metadata, spec } = lambdaFunction();
    const collection = `/apis/${API_GROUP}/v1alpha1/namespaces/team-a/lambdafunctions`;
    fn = api.store.create(
      collection,
      { metadata: { name: metadata.name }, spec },
      "author",
    ) as unknown as LambdaFunction;
    functions = new Store(functionIndexes);
    functions.set(fn);
    watched = new Store();
    laterLives = true;
    earlier = rollout(1, watched, () => laterLives);
    await apply(rollout(2, new Store(), () => false));
    asked = api.asked.length;
  });
  afterEach(async () => {
    await connection.close();
    await api.close();
  });

  function rollout(templateVersion: number, services: Store<OpenObject>, lives: () => boolean): Rollout {
    const environment = environmentFor("registry.example.com");
    return new Rollout({
      client,
      environment,
      registries: new Registries({
        registry: environment.REGISTRY,
        insecure: true,
        login: () => anonymous,
      }),
      cluster: { functions, services, jobs: new Store(), pods: new Store(), servingPods: new Store() },
      untag: () => Promise.resolve(),
      templateVersion,
      laterLives: lives,
      log: silent,
    });
  }

  const apply = (by: Rollout, image = IMAGE): Promise<StampedOutcome<OpenObject>> =>
    by.apply(fn, image, new AbortController().signal);
  const service = (): OpenObject =>
    api.store.get(
      `/apis/serving.knative.dev/v1/namespaces/team-a/services/${fn.metadata.name}`,
    ) as unknown as OpenObject;
  const minScale = (): string | undefined => {
    const template = service().spec?.["template"] as { metadata: { annotations: Record<string, string> } };
    return template.metadata.annotations["autoscaling.knative.dev/min-scale"];
  };
  const keep = (keepAlive: "true" | "false"): void => {
    functions.set({ ...fn, metadata: { ...fn.metadata, labels: { [LABELS.keepAlive]: keepAlive } } });
  };
  /** What was asked of the API server since this was last called. */
  const requests = (): string[] => {
    const methods = api.asked.slice(asked).map(({ method }) => method);
    asked = api.asked.length;
    return methods;
  };

  it("is left alone while one lives, without a request, and is kept as it is wanted once none does", async () => {
    watched.set(service());
    keep("true");
    assert.equal((await apply(earlier)).outcome, "unchanged");
    assert.deepEqual(requests(), []);

    laterLives = false;
    for (const [label, scale] of [
      ["true", "1"],
      ["false", "0"],
    ] as const) {
      keep(label);
      assert.equal((await apply(earlier)).outcome, "applied");
      assert.equal(minScale(), scale);
      assert.equal(stampOf(service())?.templateVersion, 2);
      watched.set(service());
      requests();
      assert.equal((await apply(earlier)).outcome, "unchanged");
      assert.deepEqual(requests(), []);
    }
  });

  it("is read, where the watch is behind, and is then left alone or kept just the same", async () => {
    keep("true");
    assert.equal((await apply(earlier)).outcome, "unchanged");
    assert.deepEqual(requests(), ["GET"]);
    laterLives = false;
    assert.equal((await apply(earlier)).outcome, "applied");
    assert.equal(minScale(), "1");
    assert.equal(stampOf(service())?.templateVersion, 2);
    requests();
    assert.equal((await apply(earlier)).outcome, "unchanged");
    assert.deepEqual(requests(), ["GET"]);
  });

  it("runs another image by the earlier builder's word only once no later one lives", async () => {
    watched.set(service());
    const another = "example.com/fn@sha256:2";
    assert.equal((await apply(earlier, another)).outcome, "superseded");
    assert.deepEqual(requests(), ["GET"]);
    laterLives = false;
    assert.equal((await apply(earlier, another)).outcome, "applied");
    assert.equal(service().metadata.annotations?.[`${API_GROUP}/image`], another);
    assert.equal(stampOf(service())?.templateVersion, 2);
  });
});
