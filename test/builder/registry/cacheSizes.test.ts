import assert from "node:assert/strict";
import { CacheSizes } from "../../../builder/registry/cacheSizes";
import { digestOf } from "../../../builder/registry/digest";
import { RegistryClient } from "../../../builder/registry/client";
import { environmentFor } from "../reconcile/support/environment";
import { FakeRegistry } from "../support/fakeRegistry";

const OCI = "application/vnd.oci.image.manifest.v1+json";
const blob = (content: string, size: number) => ({
  mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
  digest: digestOf(Buffer.from(content)),
  size,
});

describe("sizes of layer caches", () => {
  let registry: FakeRegistry;
  let now = 0;
  const signal = new AbortController().signal;
  const entry = (repository: string, tag: string, ...layers: ReturnType<typeof blob>[]) =>
    registry.putManifest(
      repository,
      tag,
      { schemaVersion: 2, config: blob(`config ${tag}`, 10), layers },
      OCI,
    );
  const sizesOf = (changes: Record<string, string> = {}, owns = (key: string) => key !== "") =>
    new CacheSizes({
      environment: environmentFor(registry.host, changes),
      registry: () => new RegistryClient({ registry: registry.host, insecure: true }),
      namespaces: () => ["team-a", "team-b"],
      owns,
      now: () => now,
    });
  const reads = () => registry.asked.filter(({ path }) => path.includes("/manifests/")).length;

  beforeEach(async () => {
    registry = await FakeRegistry.start();
    entry("kaniko-cache/team-a", "key-1", blob("dependencies", 1000));
    entry("kaniko-cache/team-a", "key-2", blob("dependencies", 1000), blob("code", 100));
  });
  afterEach(() => registry.close());

  it("count each layer of a namespace once, and nothing where nothing was cached", async () => {
    const caches = sizesOf();
    await caches.look(signal);
    assert.deepEqual(
      [...caches.sizes],
      [
        ["team-a", 1120],
        ["team-b", 0],
      ],
    );
  });

  it("are counted anew after a while, and read only what is new", async () => {
    const caches = sizesOf();
    await caches.look(signal);
    const asked = registry.asked.length;
    const before = reads();
    await caches.look(signal);
    assert.equal(registry.asked.length, asked, "it asked again before it was time");
    now += 16 * 60_000;
    entry("kaniko-cache/team-a", "key-3", blob("more", 500));
    await caches.look(signal);
    assert.equal(reads() - before, 1);
    assert.equal(caches.sizes.get("team-a"), 1630);
  });

  it("are those of one cache where all namespaces share it", async () => {
    entry("kaniko-cache", "key-1", blob("shared", 70));
    const caches = sizesOf({ KANIKO_CACHE_SCOPE: "shared" });
    await caches.look(signal);
    assert.deepEqual([...caches.sizes], [["", 80]]);
  });

  it("are said only by the replica at which a namespace is at home", async () => {
    let home = "team-a";
    const caches = sizesOf({}, (key) => key.includes(home));
    await caches.look(signal);
    assert.deepEqual([...caches.sizes.keys()], ["team-a"]);
    home = "team-b";
    assert.deepEqual([...caches.sizes.keys()], []);
  });

  it("ask nothing where the cache is off, and keep what they had where the registry fails", async () => {
    await sizesOf({ KANIKO_CACHE: "false" }).look(signal);
    assert.equal(registry.asked.length, 0);
    const caches = sizesOf();
    await caches.look(signal);
    registry.intercept = () => ({ code: 403 });
    now += 16 * 60_000;
    await caches.look(signal);
    assert.equal(caches.sizes.get("team-a"), 1120);
  });
});
