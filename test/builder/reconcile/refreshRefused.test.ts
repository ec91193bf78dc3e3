import assert from "node:assert/strict";
import { ApiError } from "../../../builder/kubernetes/apiError";
import type { LambdaFunction } from "../../../builder/kubernetes/resources";
import { Store } from "../../../builder/kubernetes/store";
import { silent } from "../../../builder/log";
import { servingPodIndexes } from "../../../builder/reconcile/cluster";
import { Refresh } from "../../../builder/reconcile/refresh";
import { until } from "../support/loopback";
import { condition, lambdaFunction, NOW } from "./support/lambdaFunction";

describe("a refresh that fails", () => {
  let stop: AbortController;
  beforeEach(() => {
    stop = new AbortController();
  });
  afterEach(() => {
    stop.abort();
  });

  const past = (name: string, uid = name): LambdaFunction =>
    lambdaFunction(
      {
        observedGeneration: 2,
        conditions: [condition("SourceReady", "True"), condition("BuildReady", "True")],
        buildStatus: { imageURI: "registry.example.com/functions/team-a@sha256:1" },
      },
      {},
      { name, uid },
    );

  /** A refresh of functions none of which can be had built anew. */
  function refreshing(functions: Store<LambdaFunction>, failWith: Error) {
    const asked: string[] = [];
    const warnings: object[] = [];
    const clock = { now: NOW };
    let looked = 0;
    const refresh = new Refresh({
      cluster: {
        functions,
        jobs: new Store(),
        pods: new Store(),
        services: new Store(),
        servingPods: new Store(servingPodIndexes),
      },
      isReady: () => {
        looked += 1;
        return true;
      },
      environment: { KANIKO_JOB_LIMIT: 10 },
      ownership: { owns: () => true },
      writer: { newest: (seen) => seen },
      anew: {
        ask: ({ metadata }) => {
          asked.push(metadata.name);
          return Promise.reject(failWith);
        },
      },
      templateVersion: 2,
      log: { ...silent, warn: (fields) => warnings.push(fields) },
      now: () => clock.now,
      everyMs: 1,
    });
    void refresh.run(stop.signal);
    /** The functions that were asked for in the next looks. */
    const next = async (looks: number): Promise<string[]> => {
      asked.length = 0;
      const end = looked + looks + 1;
      await until("some looks", () => looked >= end);
      return [...asked];
    };
    return { next, warnings, clock };
  }

  it("is said of which function it was, and the others' turn comes before its own, ten minutes later", async () => {
    const functions = new Store<LambdaFunction>();
    for (const name of ["a", "b"]) functions.set(past(name));
    const error = new ApiError(422, "Invalid", "not like this");
    const { next, warnings, clock } = refreshing(functions, error);
    assert.deepEqual(await next(5), ["a", "b"]);
    assert.deepEqual(warnings, [
      { err: error, function: "team-a/a" },
      { err: error, function: "team-a/b" },
    ]);
    clock.now = new Date(NOW.getTime() + 599_000);
    assert.deepEqual(await next(5), []);
    clock.now = new Date(NOW.getTime() + 600_000);
    assert.deepEqual(await next(5), ["a", "b"]);
    // Another of that name is another function.
    functions.set(past("a", "another"));
    assert.deepEqual(await next(5), ["a"]);
    functions.delete("team-a/b");
    await next(1);
    functions.set(past("b"));
    assert.deepEqual(await next(5), ["b"]);
  });

  it("by a conflict is tried again at the next look, and is no news", async () => {
    const functions = new Store<LambdaFunction>();
    for (const name of ["a", "b"]) functions.set(past(name));
    const { next, warnings } = refreshing(functions, new ApiError(409, "Conflict", "changed"));
    assert.deepEqual(new Set(await next(5)), new Set(["a"]));
    assert.deepEqual(warnings, []);
  });
});
