import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { REGISTRY } from "../support/realNode";
import { address, describeWith } from "../support/requirements";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

interface StackFile {
  config: Record<string, { kaniko: { image: string }; baseImages: { python: string } }>;
}

describeWith([address(`http://${REGISTRY}/v2/`)], "npm run pin", () => {
  let folder: string;
  let file: string;
  let answer: { code: number; stdout: string; stderr: string };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pin-"));
    file = join(folder, "Pulumi.local.yaml");
    const text = readFileSync(join(PROJECT_FOLDER, "Pulumi.local.yaml"), "utf8");
    writeFileSync(file, text.replace(/knative-lambda-builder:\S+/, "never-pushed:0.0.1"));
    answer = await new Promise((done) => {
      execFile(
        "npm",
        ["run", "--silent", "pin", "--", "--file", file],
        { cwd: PROJECT_FOLDER },
        (error, stdout, stderr) => {
          done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
        },
      );
    });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the registry itself says of a tag, asked another way than the product asks. */
  async function digestAt(repository: string, tag: string): Promise<string | null> {
    const accept =
      "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
    const response = await fetch(`http://${REGISTRY}/v2/${repository}/manifests/${tag}`, {
      method: "HEAD",
      headers: { accept },
    });
    return response.headers.get("docker-content-digest");
  }

  it("writes the digests that the registry has into a copy of a stack file", async () => {
    const { config } = parse(readFileSync(file, "utf8")) as StackFile;
    const python = await digestAt("python", "3.11-slim");
    const kaniko = await digestAt("kaniko", "v1.25.5");
    assert.match(python ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.equal(
      config["knative-lambda:imageRepositories"]?.baseImages.python,
      `${REGISTRY}/python:3.11-slim@${python ?? ""}`,
    );
    assert.equal(
      config["knative-lambda:builderService"]?.kaniko.image,
      `${REGISTRY}/kaniko:v1.25.5@${kaniko ?? ""}`,
    );
  });

  it("leaves the tag of what the registry has not, names it, and fails", () => {
    const missing =
      /builderService\.image stays 10\.244\.77\.2:5000\/never-pushed:0\.0\.1: 10\.244\.77\.2:5000 answered 404/;
    assert.match(answer.stderr, missing);
    assert.equal(answer.code, 1);
  });

  it("leaves the project's own stack file alone", () => {
    assert.ok(!readFileSync(join(PROJECT_FOLDER, "Pulumi.local.yaml"), "utf8").includes("@sha256:"));
  });
});
