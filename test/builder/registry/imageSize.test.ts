import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { RegistryClient } from "../../../builder/registry/client";
import { ImageSizes } from "../../../builder/registry/imageSize";
import { FakeRegistry } from "../support/fakeRegistry";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
const DOCKER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";

describe("the size of an image", () => {
  let registry: FakeRegistry;
  let sizes: ImageSizes;
  beforeEach(async () => {
    registry = await FakeRegistry.start();
    sizes = new ImageSizes(
      new RegistryClient({ registry: registry.host, insecure: true, retries: 0 }),
      "amd64",
    );
  });
  afterEach(() => registry.close());

  function image(...layers: { bytes: Buffer; mediaType: string }[]): string {
    const config = Buffer.from("{}");
    registry.putBlob("f", config);
    return registry.putManifest(
      "f",
      "v1",
      {
        config: {
          mediaType: "application/vnd.oci.image.config.v1+json",
          digest: registry.putBlob("f", config),
          size: 2,
        },
        layers: layers.map(({ bytes, mediaType }) => ({
          mediaType,
          digest: registry.putBlob("f", bytes),
          size: bytes.length,
        })),
      },
      MANIFEST,
    );
  }
  const blobRequests = () => registry.asked.filter(({ path }) => path.includes("/blobs/"));
  const code = Buffer.alloc(500_000, "function ");
  const noise = randomBytes(300_000);

  it("is the sum of its layers as they are stored and unpacked, read from four bytes of each", async () => {
    const [one, two] = [gzipSync(code), gzipSync(noise)];
    const digest = image({ bytes: one, mediaType: GZIP }, { bytes: two, mediaType: DOCKER_GZIP });
    assert.deepEqual(await sizes.of("f", digest), {
      compressedBytes: 2 + one.length + two.length,
      unpackedBytes: code.length + noise.length,
    });
    assert.deepEqual(
      blobRequests().map(({ headers }) => headers.range),
      [`bytes=${one.length - 4}-${one.length - 1}`, `bytes=${two.length - 4}-${two.length - 1}`],
    );
  });

  it("is read once for a layer that many images have", async () => {
    const base = { bytes: gzipSync(code), mediaType: GZIP };
    await sizes.of("f", image(base));
    const before = blobRequests().length;
    await sizes.of("f", image(base, { bytes: gzipSync("new"), mediaType: GZIP }));
    assert.equal(blobRequests().length, before + 1);
  });

  it("is counted where a layer is packed in parts, or the registry gives no parts", async () => {
    const parts = Buffer.concat([gzipSync(noise), gzipSync(code), gzipSync("")]);
    const digest = image({ bytes: parts, mediaType: GZIP });
    assert.equal((await sizes.of("f", digest)).unpackedBytes, noise.length + code.length);
    registry.withoutRanges = true;
    const again = image({ bytes: gzipSync(code, { level: 1 }), mediaType: GZIP });
    assert.equal((await sizes.of("f", again)).unpackedBytes, code.length);
  });

  it("is that of the platform's image where a digest names several", async () => {
    const ours = image({ bytes: gzipSync(code), mediaType: GZIP });
    const entry = (architecture: string, digest: string) => ({
      mediaType: MANIFEST,
      digest,
      size: 1,
      platform: { os: "linux", architecture },
    });
    const index = (...manifests: object[]) => registry.putManifest("f", "i", { manifests }, INDEX);
    const other = `sha256:${"1".repeat(64)}`;
    const both = index(entry("arm64", other), entry("amd64", ours));
    assert.equal((await sizes.of("f", both)).unpackedBytes, code.length);
    await assert.rejects(sizes.of("f", index(entry("arm64", other))), /has no image for amd64/);
  });

  it("is unknown unpacked, and no failure, where a layer is packed in an unknown way", async () => {
    const bytes = Buffer.from("secret");
    const digest = image({ bytes, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip+encrypted" });
    assert.deepEqual(await sizes.of("f", digest), { compressedBytes: 8, unpackedBytes: undefined });
  });

  it("fails in so many words where there is no image", async () => {
    await assert.rejects(sizes.of("f", `sha256:${"0".repeat(64)}`), /has no f@sha256:0/);
    const digest = registry.putManifest("f", "x", { config: null, layers: "none" }, MANIFEST);
    await assert.rejects(sizes.of("f", digest), /is no manifest of an image/);
  });
});
