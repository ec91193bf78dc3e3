import assert from "node:assert/strict";
import { Stage } from "./support/stage";

const CODE = "def handler(data): return data";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const REPOSITORY = "functions/team-a";

describe("an image that its registry has lost a part of", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.set();
    await stage.replica();
  });
  afterEach(() => stage.strike());

  const lose = (digest: string) => {
    const { config } = stage.registry.read(REPOSITORY, digest);
    stage.registry.loseBlob(REPOSITORY, config.digest);
    return config.digest;
  };
  const buildTags = () => stage.registry.tagsOf(REPOSITORY).filter((tag) => tag.startsWith("build-"));

  it("is built anew under another tag, which is said, and which others of the same source find", async () => {
    const digest = await stage.ready("first", CODE);
    const [tag = ""] = buildTags();
    const lost = lose(digest);
    stage.apply("second", CODE);
    const job = await stage.job("second");
    const { message } = await stage.says("second", "BuildReady", "BuildStarted");
    const why = `the image ${REPOSITORY}:${tag} of the same can't be run: ${stage.registry.host} has no ${lost}`;
    assert.ok(message.includes(`; ${why}`), message);
    const another = stage.play.succeed(job);
    await stage.says("second", "DeployReady", "RolledOut");
    assert.ok(stage.image("second")?.endsWith(another));
    assert.notEqual(another, digest);
    assert.equal(stage.registry.tagged(REPOSITORY, tag), digest, "its tag was moved");
    assert.equal(buildTags().length, 2);

    stage.apply("third", CODE);
    await stage.says("third", "DeployReady", "RolledOut");
    const { buildStatus } = stage.fn("third")?.status ?? {};
    assert.deepEqual([buildStatus?.strategy, buildStatus?.digest], ["reuse", another]);
  });

  it("is mended by build.start", async () => {
    const digest = await stage.ready("mended", CODE);
    lose(digest);
    const before = stage.play.jobs("mended");
    stage.command("mended", "build.start");
    const another = stage.play.succeed(await stage.job("mended", before));
    await stage.until("the other image", () => stage.image("mended")?.endsWith(another) === true);
  });

  it("is taken where the registry won't say: it is no word on the image", async () => {
    const digest = await stage.ready("first", CODE);
    stage.registry.intercept = ({ path }) => (path.includes("/blobs/") ? { code: 403 } : undefined);
    stage.apply("second", CODE);
    await stage.says("second", "DeployReady", "RolledOut");
    assert.equal(stage.fn("second")?.status?.buildStatus?.digest, digest);
    assert.equal(stage.play.jobs("second").length, 0);
  });

  it("is the registry's matter, and said, where those built in its place are no better", async () => {
    const manifest = { code: 200, body: "null", headers: { "content-type": MANIFEST } };
    stage.registry.intercept = ({ path }) => (path.includes("/manifests/build-") ? manifest : undefined);
    stage.apply("hopeless", CODE);
    const { status, message } = await stage.says("hopeless", "SourceReady", "ImageUnusable");
    assert.equal(status, "Unknown");
    assert.match(
      message,
      /can't be run: .* is no manifest of an image; 3 that were built .*; it is tried again$/,
    );
    assert.equal(stage.fn("hopeless")?.status?.phase, "Pending");
    assert.equal(stage.play.jobs("hopeless").length, 0);
    stage.registry.intercept = () => undefined;
    await stage.ready("hopeless", `${CODE} # mended`);
  });

  it("is made by another attempt where a build has just pushed it", async () => {
    stage.apply("holed", CODE);
    const job = await stage.job("holed");
    const [, tag = ""] = /"--destination=[^"]*:([^:"]+)"/.exec(JSON.stringify(job.spec)) ?? [];
    const platform = { os: "linux", architecture: "amd64" };
    const child = { mediaType: MANIFEST, size: 1, digest: `sha256:${"0".repeat(64)}`, platform };
    stage.registry.putManifest(REPOSITORY, tag, { manifests: [child] }, INDEX);
    stage.play.succeed(job, { pushed: false });
    const { message } = await stage.says("holed", "BuildReady", "ImageMissing");
    assert.match(message, /has no functions\/team-a@sha256:0+; attempt 2 of \d+ follows$/);
    stage.later(600_000, "holed");
    stage.play.succeed(await stage.job("holed", [job]));
    await stage.says("holed", "DeployReady", "RolledOut");
    assert.equal(buildTags().length, 2);
  });
});
