import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { RegistryClient } from "../../../builder/registry/client";
import { ImageSizes, type SizeLimits } from "../../../builder/registry/imageSize";
import { FakeRegistry } from "../support/fakeRegistry";
import { Loopback } from "../support/loopback";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
const ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";
const DOCKER_GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";

describe("the size of an image", () => {
  let registry: FakeRegistry;
  let sizes: ImageSizes;
  beforeEach(async () => {
    registry = await FakeRegistry.start();
    sizes = within();
  });
  afterEach(() => registry.close());
  const within = (limits?: SizeLimits) =>
    new ImageSizes(
      new RegistryClient({ registry: registry.host, insecure: true, retries: 0 }),
      "amd64",
      limits,
    );

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

  it("is counted of zstd up to a limit, and unknown past it, which is found once", async () => {
    const bomb = zstdCompressSync(Buffer.alloc(50_000_000));
    assert.ok(bomb.length < 5_000);
    const limited = within({ unpackedBytes: 1_000_000, ms: 30_000 });
    const small = { bytes: zstdCompressSync(code), mediaType: ZSTD };
    assert.equal((await limited.of("f", image(small))).unpackedBytes, code.length);
    const digest = image(small, { bytes: bomb, mediaType: ZSTD });
    const { compressedBytes, unpackedBytes } = await limited.of("f", digest);
    assert.equal(unpackedBytes, undefined);
    assert.equal(compressedBytes, 2 + small.bytes.length + bomb.length);
    const before = blobRequests().length;
    await limited.of("f", digest);
    assert.equal(blobRequests().length, before, "the bomb was unpacked again");
  });

  it("is given up of a layer without an end as soon as the limit is passed", async () => {
    const megabyte = zstdCompressSync(Buffer.alloc(1_000_000));
    const endless = await Loopback.listen((_request, response) => {
      const timer = setInterval(() => response.write(megabyte), 5);
      response.on("close", () => {
        clearInterval(timer);
      });
    });
    registry.redirectBlobsTo = endless.url;
    const digest = image({ bytes: megabyte, mediaType: ZSTD });
    const began = performance.now();
    const limited = within({ unpackedBytes: 3_000_000, ms: 20_000 });
    assert.equal((await limited.of("f", digest)).unpackedBytes, undefined);
    assert.ok(performance.now() - began < 10_000, "it was read on");
    await endless.close();
  });

  it("is not read at all where a layer is larger than is unpacked as it is stored", async () => {
    const limited = within({ unpackedBytes: 1_000, ms: 30_000 });
    const digest = image({ bytes: zstdCompressSync(noise), mediaType: ZSTD });
    assert.equal((await limited.of("f", digest)).unpackedBytes, undefined);
    assert.equal(blobRequests().length, 0);
  });

  it("is unknown, and no failure, where a layer takes longer to come than is waited for, which is waited for once", async () => {
    const open = new Set<NodeJS.Timeout>();
    const slow = await Loopback.listen((_request, response) => {
      // Frames that hold nothing, for ever.
      const empty = Buffer.from("502a4d1800000000", "hex");
      open.add(setInterval(() => response.write(empty), 10));
    });
    registry.redirectBlobsTo = slow.url;
    const limited = within({ unpackedBytes: 1_000_000, ms: 300 });
    const digest = image({ bytes: zstdCompressSync(code), mediaType: ZSTD });
    for (let times = 0; times < 2; times += 1)
      assert.equal((await limited.of("f", digest)).unpackedBytes, undefined);
    assert.equal(blobRequests().length, 1);
    for (const timer of open) clearInterval(timer);
    await slow.close();
  });

  it("is unknown, and no failure, where a layer is damaged, or the registry fails: then it is asked again", async () => {
    for (const mediaType of [GZIP, ZSTD]) {
      const digest = image({ bytes: Buffer.alloc(5_000, "neither gzip nor zstd\0\0\0\0"), mediaType });
      assert.equal((await sizes.of("f", digest)).unpackedBytes, undefined);
      const before = blobRequests().length;
      assert.equal((await sizes.of("f", digest)).unpackedBytes, undefined);
      assert.equal(blobRequests().length, before, "a damaged layer was read again");
    }
    const digest = image({ bytes: gzipSync(noise), mediaType: GZIP });
    registry.intercept = ({ path }) => (path.includes("/blobs/") ? { code: 503 } : undefined);
    assert.equal((await sizes.of("f", digest)).unpackedBytes, undefined);
    registry.intercept = () => undefined;
    assert.equal((await sizes.of("f", digest)).unpackedBytes, noise.length);
  });

  it("ends with who asks for it", async () => {
    const asked = new AbortController();
    registry.intercept = ({ path }) => {
      if (path.includes("/blobs/")) asked.abort(new Error("the builder stops"));
      return undefined;
    };
    const digest = image({ bytes: gzipSync(noise), mediaType: GZIP });
    await assert.rejects(sizes.of("f", digest, { signal: asked.signal }), /the builder stops/);
  });

  it("fails in so many words where there is no image", async () => {
    await assert.rejects(sizes.of("f", `sha256:${"0".repeat(64)}`), /has no f@sha256:0/);
    const digest = registry.putManifest("f", "x", { config: null, layers: "none" }, MANIFEST);
    await assert.rejects(sizes.of("f", digest), /is no manifest of an image/);
  });
});
