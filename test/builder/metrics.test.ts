import assert from "node:assert/strict";
import { Metrics } from "../../builder/metrics";
import { METRICS } from "../../contract/metrics";

describe("the builder's metrics", () => {
  it("are those of the contract, and no other", async () => {
    const names = (await new Metrics().registry.getMetricsAsJSON()).map(({ name }) => name).sort();
    assert.deepEqual(names, Object.keys(METRICS).sort());
  });

  it("show a namespace's series at 0 before the first build", async () => {
    const metrics = new Metrics();
    metrics.expect("team-a");
    const text = await metrics.registry.metrics();
    assert.match(
      text,
      /^builds_total\{function_namespace="team-a",strategy="kaniko",result="user_error"\} 0$/m,
    );
    assert.match(text, /^build_duration_seconds_count\{function_namespace="team-a",strategy="kaniko"\} 0$/m);
    assert.match(
      text,
      /^build_duration_seconds_bucket\{le="60",function_namespace="team-a",strategy="kaniko"\} 0$/m,
    );
    assert.match(text, /^kaniko_cache_hits_total\{function_namespace="team-a",instruction="RUN"\} 0$/m);
  });

  it("keep what was counted when a namespace is expected again", async () => {
    const metrics = new Metrics();
    metrics.expect("team-a");
    metrics.observe("build_duration_seconds", { function_namespace: "team-a", strategy: "kaniko" }, 20);
    metrics.expect("team-a");
    assert.match(
      await metrics.registry.metrics(),
      /^build_duration_seconds_sum\{function_namespace="team-a",strategy="kaniko"\} 20$/m,
    );
  });

  it("read gauges when they are asked for, and drop what is said no more", async () => {
    const metrics = new Metrics();
    let samples = [{ labels: { function_namespace: "team-a", function: "f" }, value: 5 }];
    metrics.gauge("function_image_size_bytes", () => samples);
    assert.match(
      await metrics.text(),
      /^function_image_size_bytes\{function_namespace="team-a",function="f"\} 5$/m,
    );
    samples = [];
    assert.doesNotMatch(await metrics.text(), /^function_image_size_bytes\{/m);
  });

  it("are told in the very text that prom-client makes of them, what must be escaped and what has no end included", async () => {
    const metrics = new Metrics();
    metrics.expect("team-a");
    const odd = { function_namespace: 'a"b\\c', function: "d\ne" };
    metrics.gauge("function_image_size_bytes", () => [
      { labels: odd, value: 0.5 },
      { labels: { ...odd, function: "f" }, value: 1e21 },
    ]);
    metrics.gauge("watch_silent_seconds", () => [
      { labels: { resource: "jobs" }, value: Number.POSITIVE_INFINITY },
      { labels: { resource: "pods" }, value: Number.NEGATIVE_INFINITY },
    ]);
    assert.equal(await metrics.text(), await metrics.registry.metrics());
  });

  it("show a sample's new value where it is another object, though its labels are the same", async () => {
    const metrics = new Metrics();
    const labels = { function_namespace: "team-a", function: "f" };
    let value = 1;
    metrics.gauge("function_image_size_bytes", () => [{ labels, value }]);
    assert.match(await metrics.text(), /^function_image_size_bytes\{.*\} 1$/m);
    value = 2;
    assert.match(await metrics.text(), /^function_image_size_bytes\{.*\} 2$/m);
  });
});
