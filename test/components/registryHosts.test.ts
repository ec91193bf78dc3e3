import assert from "node:assert/strict";
import { baseRegistries, pullHosts } from "../../components/registryHosts";
import { imageNames } from "../../contract/imageNames";

describe("the registries of base images", () => {
  const namesOf = (baseImages: Record<string, string>) =>
    imageNames({
      registry: "registry.example.com:5000",
      functions: "functions",
      builder: "builder",
      baseImagePath: "",
      baseImages,
    });

  it("are the others that a stack file names, each once, with their ports", () => {
    assert.deepEqual(baseRegistries(namesOf({})), []);
    assert.deepEqual(
      baseRegistries(
        namesOf({
          python: "ghcr.io/team/python:3.13",
          nodejs: `ghcr.io/team/node:22@sha256:${"a".repeat(64)}`,
          go: "registry.example.com:5000/golang:1.26",
          goRuntime: "registry.example.com/static:1",
          pythonAlpine: "docker.io/library/python:3.13-alpine",
        }),
      ),
      ["ghcr.io", "registry.example.com", "docker.io"],
    );
  });

  it("are asked by Kaniko and by the builder under names of their own, where they are Docker Hub", () => {
    for (const name of ["docker.io", "index.docker.io", "registry-1.docker.io"])
      for (const host of ["index.docker.io", "registry-1.docker.io", "auth.docker.io"])
        assert.ok(pullHosts(name).includes(host), `${host} for ${name}`);
    assert.deepEqual(pullHosts("images.example.com"), ["images.example.com"]);
  });
});
