import assert from "node:assert/strict";
import { kanikoCommand, type KanikoOptions } from "../../../../builder/build/kaniko/arguments";
import { kanikoFeatures, kanikoVersion } from "../../../../builder/build/kaniko/version";

const OPTIONS: KanikoOptions = {
  dockerfile: "Dockerfile",
  destination: "registry.example.com/functions/team:build-1",
  platform: "linux/arm64",
  buildArgs: {},
  cache: { repository: "registry.example.com/kaniko-cache/team", ttl: "72h", copyLayers: true },
  compressedCaching: false,
  snapshotMode: "redo",
  useNewRun: false,
  retries: 3,
  insecureRegistries: [],
};
const command = (version: string | undefined, options: Partial<KanikoOptions> = {}) =>
  kanikoCommand({ ...OPTIONS, ...options }, kanikoFeatures(version));

const COMMON = [
  "--context=dir:///kaniko/buildcontext",
  "--dockerfile=Dockerfile",
  "--destination=registry.example.com/functions/team:build-1",
  "--custom-platform=linux/arm64",
  "--cache=true",
  "--cache-repo=registry.example.com/kaniko-cache/team",
  "--cache-ttl=72h",
  "--cache-copy-layers=true",
  "--cache-run-layers=true",
  "--compressed-caching=false",
  "--snapshot-mode=redo",
];
const RETRIES = [
  "--push-retry=3",
  "--image-download-retry=3",
  "--image-fs-extract-retry=3",
  "--push-ignore-immutable-tag-errors=true",
  "--digest-file=/dev/termination-log",
  "--log-format=json",
];
const OLD = [...COMMON, "--skip-unused-stages=true", ...RETRIES];
const NEW = [...COMMON, ...RETRIES, "--credential-helpers="];
const V1_28_0 = [
  "CACHE_PROBE_AFTER_MISS",
  "COPY_AS_ROOT",
  "COPY_CHMOD_ON_IMPLICIT_DIRS",
  "INFER_CROSS_STAGE_CACHE_KEY",
  "RESOLVE_CACHE_KEY",
  "RUN_VIA_TINI",
  "SCOPED_DOCKERIGNORE",
  "SKIP_RELABEL_RECOMPRESS",
  "SKIP_WRITE_WHITEOUTS",
  "UNTAR_SKIP_ROOT",
];
const V1_28_1 = [
  ...V1_28_0,
  "EXPAND_HEREDOC",
  "HASH_DIR_FRAMING",
  "PRECOMPILE_DOCKERIGNORE",
  "ROLLING_CACHE_KEY",
  "RUN_HONOR_GROUP",
];
const V1_28_2 = [...V1_28_1, "CHOWN_ON_IMPLICIT_DIRS", "SKIP_CACHED_STAGES"];
const V1_28_3 = [...V1_28_2, "CROSS_REPO_MOUNT", "SHARED_BASE_CACHE"];

describe("Kaniko's command line", () => {
  // Tables alone: of the versions after 1.25.5 none was run for this project.
  const table: [version: string | undefined, args: string[], flags: string[]][] = [
    [undefined, OLD, []],
    ["1.24.0", OLD, []],
    ["1.25.5", OLD, []],
    ["1.26.0", NEW, []],
    ["1.27.6", NEW, []],
    ["1.28.0", NEW, V1_28_0],
    ["1.28.1", NEW, V1_28_1],
    ["1.28.2", NEW, V1_28_2],
    ["1.28.3", NEW, V1_28_3],
    ["1.29.0", NEW, V1_28_3],
  ];
  for (const [version, args, flags] of table)
    it(`of ${version ?? "a version that nobody knows"} has what that version understands, and no more`, () => {
      const made = command(version);
      assert.deepEqual(made.args, args);
      assert.deepEqual(made.env, Object.fromEntries(flags.map((flag) => [`FF_KANIKO_${flag}`, "true"])));
    });

  it("has the cache's settings only with the cache", () => {
    assert.deepEqual(
      command("1.25.5", { cache: undefined }).args.filter((arg) => arg.startsWith("--cache")),
      ["--cache=false"],
    );
  });
  it("has build arguments, plain registries and experiments where they are asked for", () => {
    const { args } = command("1.25.5", {
      buildArgs: { A: "x y", B: "$(id)" },
      insecureRegistries: ["10.0.0.1:5000"],
      useNewRun: true,
    });
    for (const arg of [
      "--build-arg=A=x y",
      "--build-arg=B=$(id)",
      "--insecure-registry=10.0.0.1:5000",
      "--use-new-run=true",
    ])
      assert.ok(args.includes(arg), arg);
    assert.ok(
      !args.some((arg) => /^--(insecure|insecure-pull|skip-tls-verify)\b(?!-registry)/.test(arg)),
      "no other registry is plain",
    );
  });
  it("sends traces only where that version can, and never with the Dockerfile", () => {
    const telemetryEndpoint = "http://otel.example.com:4318";
    assert.equal(command("1.28.1", { telemetryEndpoint }).env["KANIKO_TELEMETRY_ENDPOINT"], undefined);
    const { env } = command("1.28.2", { telemetryEndpoint });
    assert.equal(env["KANIKO_TELEMETRY_ENDPOINT"], telemetryEndpoint);
    assert.equal(env["KANIKO_TELEMETRY_OMIT_DOCKERFILE"], "true");
  });
});

describe("Kaniko's version", () => {
  const digest = `@sha256:${"a".repeat(64)}`;
  for (const [image, version] of [
    ["ghcr.io/osscontainertools/kaniko:v1.28.3", "1.28.3"],
    [`ghcr.io/osscontainertools/kaniko:v1.28.3${digest}`, "1.28.3"],
    ["10.244.77.2:5000/kaniko:v1.25.5", "1.25.5"],
    ["registry.example.com/kaniko:1.27.6-debug", "1.27.6"],
    [`registry.example.com/kaniko${digest}`, undefined],
    ["registry.example.com/kaniko:stable-2", undefined],
    ["registry.example.com/kaniko:v1.28.3rc1", undefined],
    ["not an image", undefined],
  ] as const)
    it(`of ${image.replace(digest, "@…")} is ${version ?? "unknown"}`, () => {
      assert.equal(kanikoVersion(image), version);
    });
});
