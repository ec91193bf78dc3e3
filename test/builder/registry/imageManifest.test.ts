import assert from "node:assert/strict";
import { RegistryClient } from "../../../builder/registry/client";
import { damageOf } from "../../../builder/registry/imageManifest";
import { type InfrastructureError } from "../../../builder/types";
import { FakeRegistry } from "../support/fakeRegistry";
import { Loopback } from "../support/loopback";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

describe("an image that no node could run", () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start();
  });
  afterEach(() => registry.close());

  const blob = (text: string) => ({
    mediaType: "application/vnd.oci.image.layer.v1.tar",
    digest: registry.putBlob("f", Buffer.from(text)),
    size: text.length,
  });
  const image = (layers = ["base", "code"]) => ({
    config: { ...blob("config"), mediaType: "application/vnd.oci.image.config.v1+json" },
    layers: layers.map(blob),
  });
  const put = (manifest: unknown, mediaType = MANIFEST) =>
    registry.putManifest("f", "v1", manifest as object, mediaType);

  /** What is found wrong with what is tagged. */
  async function damage(signal?: AbortSignal, blobsMs?: number): Promise<string | undefined> {
    const client = new RegistryClient({ registry: registry.host, insecure: true, retries: 0 });
    const stored = await client.manifest("f", "v1");
    assert.ok(stored);
    return damageOf(
      { registry: client, repository: "f", architecture: "amd64" },
      stored,
      { signal },
      blobsMs,
    );
  }
  const indexOf = (digest: string) => {
    const platform = { os: "linux", architecture: "amd64" };
    return { manifests: [{ mediaType: MANIFEST, size: 1, digest, platform }] };
  };

  it("is none that is whole, alone or in an index", async () => {
    const digest = put(image());
    assert.equal(await damage(), undefined);
    put(indexOf(digest), INDEX);
    assert.equal(await damage(), undefined);
  });

  it("is none whose layers lie elsewhere, where they are never pushed to", async () => {
    const { config, layers } = image();
    const elsewhere = [
      "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
      "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ].map((mediaType, at) => ({ mediaType, size: 1, digest: `sha256:${String(at).repeat(64)}` }));
    put({ config, layers: [...elsewhere, ...layers] });
    assert.equal(await damage(), undefined);
  });

  it("is one whose registry has lost its configuration, or a layer, or what its index names", async () => {
    const { config, layers } = image();
    const digest = put({ config, layers });
    put(indexOf(digest), INDEX);
    for (const part of [config, ...layers]) {
      registry.loseBlob("f", part.digest);
      assert.equal(await damage(), `${registry.host} has no ${part.digest}, a part of it`);
      image();
    }
    const none = `sha256:${"0".repeat(64)}`;
    put(indexOf(none), INDEX);
    assert.equal(await damage(), `${registry.host} has no f@${none}`);
  });

  it("is one whose manifest is none, whatever was pushed in its place", async () => {
    const { config } = image();
    const given = [null, "text", [], {}, { manifests: [null] }, { config: null, layers: [] }];
    for (const manifest of [...given, { config, layers: [null] }, { config, layers: [{ digest: 1 }] }]) {
      put(manifest);
      assert.match((await damage()) ?? "", /is no manifest of an image$/, JSON.stringify(manifest));
    }
  });

  it("is none where the registry refuses, fails, or answers with a page: that says nothing of the image", async () => {
    put(image());
    for (const code of [403, 503]) {
      registry.intercept = ({ path }) => (path.includes("/blobs/") ? { code } : undefined);
      assert.equal(await damage(), undefined);
    }
    const page = { code: 200, body: "<html>", headers: { "content-type": "text/html" } };
    registry.intercept = () => page;
    await assert.rejects(damage(), ({ reason }: InfrastructureError) => reason === "RegistryRefused");
  });

  it("is not waited for where its parts don't come, of which eight are asked for at once", async () => {
    put(image(Array.from({ length: 20 }, (_, at) => `layer ${at}`)));
    const stuck = await Loopback.listen(() => undefined);
    registry.redirectBlobsTo = stuck.url;
    const began = performance.now();
    assert.equal(await damage(undefined, 500), undefined);
    assert.ok(performance.now() - began < 20_000);
    assert.equal(registry.asked.filter(({ path }) => path.includes("/blobs/")).length, 8);
    await stuck.close();
  });

  it("is looked for in so many parts, and ends with who asks", async () => {
    put(image(Array.from({ length: 200 }, (_, at) => `layer ${at}`)));
    assert.equal(await damage(), undefined);
    assert.equal(registry.asked.filter(({ path }) => path.includes("/blobs/")).length, 128);
    const controller = new AbortController();
    registry.intercept = ({ path }) => {
      if (path.includes("/blobs/")) controller.abort(new Error("the builder stops"));
      return undefined;
    };
    await assert.rejects(damage(controller.signal), /the builder stops/);
  });
});
