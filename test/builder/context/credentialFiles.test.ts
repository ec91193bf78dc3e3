import assert from "node:assert/strict";
import { credentialFiles } from "../../../builder/context/credentialFiles";
import { dockerConfig } from "../../../builder/registry/login";
import { FakeApi } from "../support/fakeApi";

const SECRETS = "/api/v1/namespaces/team-a/secrets";
const build = { namespace: "team-a", jobName: "build-f-0123456789" };
const signal = new AbortController().signal;
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("the credentials of a build", () => {
  let api: FakeApi;
  beforeEach(async () => {
    api = await FakeApi.start();
  });
  afterEach(() => api.close());
  const config = dockerConfig("registry.example.com", { username: "u", password: "p" });
  const make = () =>
    credentialFiles(api.client({ retries: 0 }), (asked) => {
      assert.deepEqual(asked, build);
      return Promise.resolve({ config, expiresAt: undefined });
    })(build, signal);

  it("are the registry's login, and the namespace's package indexes by their known names", async () => {
    api.put(SECRETS, {
      metadata: { namespace: "team-a", name: "package-indexes" },
      data: { "pip.conf": base64("[global]\n"), "config.json": base64("mine"), "../x": base64("y") },
    } as never);
    assert.deepEqual(await make(), { "pip.conf": "[global]\n", "config.json": JSON.stringify(config) });
  });

  it("are the login alone where there are no indexes, or none that the builder may read", async () => {
    assert.deepEqual(Object.keys(await make()), ["config.json"]);
    api.intercept = () => ({ code: 403 });
    assert.deepEqual(Object.keys(await make()), ["config.json"]);
    api.intercept = () => ({ code: 500 });
    await assert.rejects(make(), /500/);
  });
});
