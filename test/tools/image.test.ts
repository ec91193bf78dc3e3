import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Settings } from "../../settings";
import { stackSettings } from "../../tools/stackSettings";
import { imageCommands, imagePlan, type ImagePlan, loginCommand } from "../../tools/image/plan";
import { findBuilder, run } from "../../tools/image/run";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
const account = () => Promise.resolve("123456789012");
const nobody = () => Promise.reject(new Error("AWS was asked"));

/** The local stack, with another image. */
const withImage = (image: string): Settings => {
  const settings = stackSettings(PROJECT_FOLDER, "local");
  return { ...settings, builderService: { ...settings.builderService, image } };
};

describe("the image of a stack", () => {
  it("is the one that its file names, on the base that its file names, without asking AWS", async () => {
    assert.deepEqual(await imagePlan(stackSettings(PROJECT_FOLDER, "local"), {}, nobody, "0.1.0"), {
      image: "10.244.77.2:5000/knative-lambda-builder:0.1.0",
      reference: { registry: "10.244.77.2:5000", repository: "knative-lambda-builder", tag: "0.1.0" },
      platform: "linux/amd64",
      base: "10.244.77.2:5000/node:22-slim",
      insecure: true,
    });
  });

  it("is on AWS the one that the program deploys: in the account's ECR, by the project's version, for the stack's nodes", async () => {
    assert.deepEqual(await imagePlan(stackSettings(PROJECT_FOLDER, "prod"), {}, account, "0.1.0"), {
      image: "123456789012.dkr.ecr.us-west-2.amazonaws.com/knative-lambda-builder:0.1.0",
      reference: {
        registry: "123456789012.dkr.ecr.us-west-2.amazonaws.com",
        repository: "knative-lambda-builder",
        tag: "0.1.0",
      },
      platform: "linux/arm64",
      base: undefined,
      insecure: false,
    });
  });

  it("is pushed by its tag where the stack file pins a digest, which the push will change", async () => {
    const pinned = `registry.example.com/builder:1.0.0@sha256:${"a".repeat(64)}`;
    assert.equal(
      (await imagePlan(withImage(pinned), {}, nobody, "0.1.0")).image,
      "registry.example.com/builder:1.0.0",
    );
  });

  it("is another one, on another base, where that is asked for", async () => {
    const asked = { image: "registry.example.com/mine:2", base: "registry.example.com/node:22" };
    const plan = await imagePlan(stackSettings(PROJECT_FOLDER, "local"), asked, nobody, "0.1.0");
    assert.equal(plan.image, "registry.example.com/mine:2");
    assert.equal(plan.base, "registry.example.com/node:22");
    // Plain HTTP is for the stack's own registry.
    assert.equal(plan.insecure, false);
  });

  it("needs a tag to push", async () => {
    const digestOnly = withImage(`registry.example.com/builder@sha256:${"a".repeat(64)}`);
    await assert.rejects(imagePlan(digestOnly, {}, nobody, "0.1.0"), /has a digest only/);
    await assert.rejects(
      imagePlan(digestOnly, { image: "mine:2" }, nobody, "0.1.0"),
      /^UsageError: the image mine:2 names no registry/,
    );
  });
});

describe("the commands of an image", () => {
  const plan: ImagePlan = {
    image: "registry.example.com/builder:1",
    reference: { registry: "registry.example.com", repository: "builder", tag: "1" },
    platform: "linux/arm64",
    base: undefined,
    insecure: false,
  };
  const build = ["build", "--file", "builder/Dockerfile", "--platform", "linux/arm64"];
  const given = ["--build-arg", "BUNDLE=given"];

  it("are the same for docker, podman and buildah", () => {
    for (const builder of ["docker", "podman", "buildah"] as const)
      assert.deepEqual(imageCommands(builder, plan), [
        [builder, ...build, ...given, "--tag", plan.image, "."],
        [builder, "push", plan.image],
      ]);
  });

  it("leave TLS out for a registry without it, but for docker, whose daemon decides that", () => {
    const insecure = { ...plan, insecure: true, base: "10.0.0.1:5000/node:22" };
    const base = ["--build-arg", "BASE=10.0.0.1:5000/node:22"];
    assert.deepEqual(imageCommands("buildah", insecure), [
      [
        "buildah",
        "build",
        "--tls-verify=false",
        ...build.slice(1),
        ...given,
        ...base,
        "--tag",
        plan.image,
        ".",
      ],
      ["buildah", "push", "--tls-verify=false", plan.image],
    ]);
    assert.ok(!imageCommands("docker", insecure).flat().includes("--tls-verify=false"));
  });

  it("never hold a password", () => {
    assert.deepEqual(loginCommand("podman", "registry.example.com", "AWS"), [
      "podman",
      "login",
      "--username",
      "AWS",
      "--password-stdin",
      "registry.example.com",
    ]);
  });

  it("go to the first program that works, and not to a docker without a daemon", () => {
    assert.equal(
      findBuilder((name) => name !== "docker"),
      "podman",
    );
    assert.throws(() => findBuilder(() => false), /docker, podman, buildah, and none of them works here/);
  });

  it("get a password on the standard input, and fail with the program's code", async () => {
    const checks = 'process.stdin.once("data", (text) => process.exit(String(text) === "secret" ? 0 : 3))';
    await run([process.execPath, "-e", checks], PROJECT_FOLDER, "secret");
    await assert.rejects(
      run([process.execPath, "-e", checks], PROJECT_FOLDER, "other"),
      /ended with code 3$/,
    );
  });
});

describe("builder/Dockerfile", () => {
  const dockerfile = readFileSync(join(PROJECT_FOLDER, "builder/Dockerfile"), "utf8");
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));

  it("runs nothing in the image itself, so that one machine builds it for every architecture", () => {
    assert.doesNotMatch(last, /^RUN /m);
    assert.match(dockerfile, /^FROM --platform=\$BUILDPLATFORM/m);
  });

  it("ends as a user that is nobody, with one file and no shell in between", () => {
    assert.match(last, /^USER 65532:65532$/m);
    assert.equal(last.match(/^COPY /gm)?.length, 1);
    assert.match(last, /^ENTRYPOINT \["node", "\/builder\.cjs"\]$/m);
  });

  it("copies only what .dockerignore lets into its context", () => {
    const admitted = readFileSync(join(PROJECT_FOLDER, ".dockerignore"), "utf8")
      .split("\n")
      .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = ""]) =>
      from.split(" "),
    );
    assert.deepEqual([...copied].sort(), [...admitted].sort());
  });

  it("lies on a public image of the Node.js that the project asks for", () => {
    assert.match(dockerfile, /^ARG BASE=public\.ecr\.aws\/docker\/library\/node:22-slim$/m);
  });
});
