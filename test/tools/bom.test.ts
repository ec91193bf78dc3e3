import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { dockerfileBase, pinnedBase } from "../../tools/image/base";
import { type Bom, imageBom, type LockedPackages, packagesBom } from "../../tools/image/bom";
import { bundle } from "../../tools/bundle/bundle";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
const DIGEST = `sha256:${"a".repeat(64)}`;

describe("the bill of materials of the builder's image", () => {
  const lockfile = readFileSync(join(PROJECT_FOLDER, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(lockfile) as { packages: LockedPackages };
  const base = `public.ecr.aws/docker/library/node@${DIGEST}`;
  const image = { name: "registry.example.com/builder:1", base };
  let all: Bom;
  let inputs: string[];
  before(async () => {
    [all, { inputs }] = await Promise.all([
      packagesBom(PROJECT_FOLDER),
      bundle("builder/entry.ts", "node_modules/.cache/bom/builder.cjs"),
    ]);
  });

  it("lists the packages of the bundle with version, licence and hash, and the base that it lies on", () => {
    const bom = imageBom(all, inputs, packages, image);
    assert.deepEqual([bom["bomFormat"], bom["specVersion"]], ["CycloneDX", "1.5"]);
    const [first, ...components] = bom.components;
    assert.deepEqual(first, { "bom-ref": base, type: "container", name: base });
    const names = components.map(({ name }) => name);
    for (const name of ["fastify", "undici", "@kubernetes/client-node", "@aws-sdk/client-s3", "zod"])
      assert.ok(names.includes(name), name);
    for (const component of components) {
      assert.match(component.version ?? "", /^\d+\.\d+\.\d+/);
      assert.ok(component["licenses"], `the licence of ${component["bom-ref"]}`);
      assert.ok(component["hashes"], `the hash of ${component["bom-ref"]}`);
    }
  });

  it("lists nothing that is not in the image: neither Pulumi nor tools", () => {
    const names = imageBom(all, inputs, packages, image).components.map(({ name }) => name);
    for (const name of ["@pulumi/pulumi", "@pulumi/aws", "tsx", "typescript", "esbuild", "mocha"])
      assert.ok(!names.includes(name), name);
  });

  it("names no package in its graph that it doesn't list", () => {
    const { components, dependencies, metadata } = imageBom(all, inputs, packages, image);
    const refs = new Set([metadata.component, ...components].map((component) => component["bom-ref"]));
    for (const { ref, dependsOn = [] } of dependencies)
      for (const one of [ref, ...dependsOn]) assert.ok(refs.has(one), one);
  });

  it("is the same for the same sources, whenever it is made", () => {
    const text = JSON.stringify(imageBom(all, inputs, packages, image));
    const later = { ...all, serialNumber: "urn:uuid:2", metadata: { ...all.metadata, timestamp: "2030" } };
    assert.equal(JSON.stringify(imageBom(later, inputs, packages, image)), text);
  });

  it("is none where the bundle holds a package that is for development only", () => {
    const more = [...inputs, "node_modules/mocha/index.js"];
    assert.throws(
      () => imageBom(all, more, packages, image),
      /the bundle holds mocha, which is no dependency/,
    );
  });
});

describe("the base of the builder's image", () => {
  const said: string[] = [];
  const pin = (base: string, resolved: () => Promise<string>) =>
    pinnedBase(base, false, (line) => said.push(line), resolved);
  beforeEach(() => (said.length = 0));

  it("is held by the digest that its registry has for its tag", async () => {
    const base = dockerfileBase(PROJECT_FOLDER);
    assert.equal(
      await pin(base, () => Promise.resolve(DIGEST)),
      `public.ecr.aws/docker/library/node@${DIGEST}`,
    );
    assert.deepEqual(said, []);
  });

  it("is the given one where that has a digest, and no registry is asked", async () => {
    const asked = () => Promise.reject(new Error("a registry was asked"));
    const pinned = `registry.example.com/node@${DIGEST}`;
    assert.equal(await pin(`registry.example.com/node:22.1.0@${DIGEST}`, asked), pinned);
    assert.deepEqual(said, []);
  });

  it("stays a tag where its registry doesn't answer, which is said", async () => {
    const base = "registry.example.com/node:22-slim";
    assert.equal(await pin(base, () => Promise.reject(new Error("ECONNREFUSED"))), base);
    assert.deepEqual(said, [`the base ${base} is not held by a digest: ECONNREFUSED`]);
  });
});
