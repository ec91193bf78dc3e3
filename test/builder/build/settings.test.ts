import assert from "node:assert/strict";
import { buildJobSettings, buildTimeoutSeconds, kanikoOptions } from "../../../builder/build/settings";
import { environmentFor } from "../reconcile/support/environment";

describe("a build's settings", () => {
  const environment = environmentFor("10.0.0.1:5000", { ARCHITECTURE: "arm64" });
  const own = { dockerfile: "Dockerfile", destination: "r/f/a:t", buildArgs: {}, cacheRepository: "r/c/a" };

  it("are the environment's", () => {
    const settings = buildJobSettings(environment);
    assert.equal(settings.platform, "linux/arm64");
    assert.equal(settings.nodeKey, undefined);
    assert.deepEqual(settings.limits, { cpu: "2", memory: "4Gi", "ephemeral-storage": "20Gi" });
    const options = kanikoOptions(environment, own);
    assert.deepEqual(options.cache, { repository: "r/c/a", ttl: "72h", copyLayers: true });
    assert.deepEqual(options.insecureRegistries, ["10.0.0.1:5000"]);
    assert.equal(kanikoOptions({ ...environment, KANIKO_CACHE: false }, own).cache, undefined);
    assert.deepEqual(kanikoOptions({ ...environment, REGISTRY_INSECURE: false }, own).insecureRegistries, []);
  });
  it("give a build the shorter of its function's time and the platform's", () => {
    assert.equal(buildTimeoutSeconds(600, 1800), 600);
    assert.equal(buildTimeoutSeconds(7200, 1800), 1800);
    assert.equal(buildTimeoutSeconds(undefined, 1800), 1800);
    assert.equal(buildTimeoutSeconds(0, 1800), 1);
    assert.equal(buildTimeoutSeconds(0.5, 1800), 1);
  });
});
