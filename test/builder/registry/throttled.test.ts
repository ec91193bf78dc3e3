import assert from "node:assert/strict";
import { saysThrottled } from "../../../builder/build/logFailure";
import { Registries } from "../../../builder/registry/registries";
import { FakeRegistry } from "../support/fakeRegistry";

describe("a registry that asks for patience", () => {
  let registry: FakeRegistry;
  let throttled: number;
  const registries = () =>
    new Registries({
      registry: registry.host,
      insecure: true,
      login: () => () => Promise.resolve(undefined),
      onThrottled: () => (throttled += 1),
    });
  beforeEach(async () => {
    registry = await FakeRegistry.start();
    throttled = 0;
  });
  afterEach(() => registry.close());

  it("is told of once for each such answer, also where the next try is let through", async () => {
    let left = 1;
    registry.intercept = () => (left-- > 0 ? { code: 429 } : undefined);
    assert.equal(await registries().platform("team-a").exists("team/f", "v1"), false);
    assert.equal(throttled, 1);
  });

  it("is not told of for other refusals", async () => {
    registry.intercept = () => ({ code: 403 });
    await assert.rejects(registries().platform("team-a").exists("team/f", "v1"));
    assert.equal(throttled, 0);
  });

  it("is known from a build's log", () => {
    assert.ok(saysThrottled("PUT https://r/v2/f: unexpected status code 429 Too Many Requests"));
    assert.ok(saysThrottled("TOOMANYREQUESTS: Rate exceeded"));
    assert.ok(!saysThrottled("pushed 429 files"));
    assert.ok(!saysThrottled(undefined));
  });
});
