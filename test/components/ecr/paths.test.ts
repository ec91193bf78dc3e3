import assert from "node:assert/strict";
import { repositoryPaths } from "../../../components/ecr/paths";
import { imageNames } from "../../../contract/imageNames";

const registry = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
const paths = ({
  cacheRepo,
  functions = "functions",
  builder = "builder",
  pullThrough = "ecr-public",
}: {
  cacheRepo?: string;
  functions?: string;
  builder?: string;
  pullThrough?: string;
} = {}) =>
  repositoryPaths(
    imageNames({ registry, cacheRepo, functions, builder, baseImagePath: "", baseImages: {} }),
    pullThrough,
  );

/** What is wrong with the paths, or "". */
const problem = (read: ReturnType<typeof repositoryPaths>): string => (typeof read === "string" ? read : "");

describe("repositoryPaths", () => {
  it("reads the paths inside the registry", () => {
    assert.deepEqual(paths(), {
      cache: "kaniko-cache",
      functions: "functions",
      builder: "builder",
      pullThrough: "ecr-public",
      baseImages: ["python", "node", "golang", "alpine"],
    });
  });

  it("knows base images of the registry, each once, from those of the pull-through cache and of others", () => {
    const read = repositoryPaths(
      imageNames({
        registry,
        functions: "functions",
        builder: "builder",
        baseImagePath: "ecr-public/docker/library",
        baseImages: {
          python: `${registry}/base/python:3.13`,
          pythonAlpine: `${registry}/base/python:3.13-alpine@sha256:${"a".repeat(64)}`,
          nodejs: `${registry}/ecr-public-mirror/node:22`,
          goRuntime: "gcr.io/distroless/static:v1",
        },
      }),
      "ecr-public",
    );
    assert.deepEqual(typeof read === "string" ? read : read.baseImages, [
      "base/python",
      "ecr-public-mirror/node",
    ]);
  });

  it("knows a cache that lies in another registry", () => {
    const read = paths({ cacheRepo: "registry.example.com/cache" });
    assert.equal(typeof read === "string" ? read : read.cache, undefined);
  });

  for (const [what, changes] of Object.entries({
    "a cache among the functions": { cacheRepo: "${ECR_REGISTRY}/functions/cache" },
    "functions among the cache": { cacheRepo: "${ECR_REGISTRY}/team", functions: "team/functions" },
    "the builder in the place of the functions": { builder: "functions" },
    "functions in the pull-through cache": { functions: "ecr-public" },
  }))
    it(`refuses ${what}`, () => {
      assert.match(problem(paths(changes)), /lie in .*, which has another lifecycle; give them paths apart/);
    });

  it("takes paths that only begin alike", () => {
    assert.equal(typeof paths({ functions: "team", builder: "team-builder" }), "object");
  });

  it("refuses functions or builder in another registry", () => {
    const names = imageNames({
      registry,
      functions: "functions",
      builder: "builder",
      baseImagePath: "",
      baseImages: {},
    });
    assert.match(
      problem(repositoryPaths({ ...names, functionsPrefix: "ghcr.io/functions" }, "ecr-public")),
      /ghcr\.io\/functions and .* must lie in 123456789012/,
    );
  });
});
