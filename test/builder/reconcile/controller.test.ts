import assert from "node:assert/strict";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { InfrastructureError } from "../../../builder/types";
import type { KubernetesClient } from "../../../builder/kubernetes/client";
import type { Ownership } from "../../../builder/kubernetes/ownership";
import { silent } from "../../../builder/log";
import { Metrics } from "../../../builder/metrics";
import { probesServer } from "../../../builder/probes";
import { Controller, STUCK_MS } from "../../../builder/reconcile/controller";
import { until } from "../support/loopback";
import { environmentFor } from "./support/environment";

describe("a builder that is asked whether it lives", () => {
  let now: number;
  let stop: AbortController;
  let server: Server;
  let running: Promise<void>;
  let lists: number;
  let turns: number;
  let release: () => void;
  beforeEach(() => {
    now = 0;
    lists = 0;
    turns = 0;
    release = () => undefined;
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    release();
    server.close();
    await running.catch(() => undefined);
  });

  /** @param list What becomes of the API server's lists */
  async function start(list: () => Promise<unknown>): Promise<Controller> {
    const client = {
      list: () => {
        lists += 1;
        return list();
      },
      // Ends soon, as one of a server that restarts.
      watch: () => {
        turns += 1;
        return Promise.resolve();
      },
    } as unknown as KubernetesClient;
    const ownership = {
      owns: () => true,
      onChange: () => undefined,
      hasSynced: true,
    } as unknown as Ownership;
    const controller = new Controller({
      client,
      environment: environmentFor("registry.example.com"),
      ownership,
      metrics: new Metrics(),
      log: silent,
      clock: () => now,
    });
    running = controller.run(stop.signal);
    server = probesServer({
      metrics: new Metrics(),
      notReady: () => controller.problem,
      notLive: () => controller.stuck,
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return controller;
  }
  const ask = async (path: string): Promise<[number, string]> => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    return [answer.status, (await answer.text()).trim()];
  };
  const empty = () => Promise.resolve({ items: [], resourceVersion: "1", next: undefined });

  it("says so, and that it does not where a watch has stood still for ten minutes", async () => {
    const released = new Promise<never>((_resolve, reject) => {
      release = () => {
        reject(new InfrastructureError("ApiServerUnreachable", "the test is over"));
      };
    });
    await start(() => released);
    assert.deepEqual(await ask("/livez"), [200, "ok"]);
    now = STUCK_MS;
    assert.deepEqual(await ask("/livez"), [200, "ok"]);
    now = STUCK_MS + 1_000;
    assert.deepEqual(await ask("/livez"), [503, "the watch of functions has stood still for 601 s"]);
  });

  it("does not while an API server is gone that it asks again and again; it is not ready then", async () => {
    await start(() => Promise.reject(new InfrastructureError("ApiServerUnreachable", "gone")));
    now = STUCK_MS + 1_000;
    const before = lists;
    await until("each list to be tried again", () => lists >= before + 5);
    assert.deepEqual(await ask("/livez"), [200, "ok"]);
    assert.deepEqual(await ask("/readyz"), [503, "functions have not been listed yet"]);
  });

  it("does not live where a function is worked on without an end", async () => {
    const controller = await start(empty);
    controller.reconcileBy(
      () =>
        new Promise((resolve) => {
          release = () => {
            resolve(undefined);
          };
        }),
    );
    await until("the lists", () => lists >= 5);
    controller.queue.add("team-a/endless");
    await until("it to be worked on", () => controller.queue.active === 1);
    assert.equal(controller.queue.longestMs, 0);
    now = STUCK_MS + 1_000;
    const before = turns;
    await until("the watches to come round", () => turns >= before + 10);
    assert.deepEqual(await ask("/livez"), [503, "a function has been worked on for 601 s"]);
    release();
    await until("it to end", () => controller.queue.active === 0);
    assert.equal(controller.queue.longestMs, 0);
  });
});
