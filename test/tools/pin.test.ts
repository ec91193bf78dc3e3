import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pathText } from "../../settings";
import { IMAGE_SETTINGS } from "../../settings/images";
import { settingsTable } from "../../settings/table";
import { pin } from "../../tools/pin";
import { resolveDigest } from "../../tools/registry";
import { linesOf } from "../support/settings";

const digest = `sha256:${"a".repeat(64)}`;
const file = `# A stack.
config:
  knative-lambda:target: cluster
  knative-lambda:imageRepositories:
    registry: registry.example.com:5000
    insecure: true
    baseImages:
      python: registry.example.com:5000/python:3.11-slim # why this one
      go: ghcr.io/a/go@sha256:${"b".repeat(64)}
`;

describe("pin", () => {
  it("writes the digest behind the tag, keeps comments, and pins a default too", async () => {
    const asked: string[] = [];
    const { text, images } = await pin(file, ({ registry, repository, tag }, insecure) => {
      asked.push(`${registry}/${repository}:${tag ?? ""} ${insecure ? "http" : "https"}`);
      return Promise.resolve(digest);
    });
    assert.deepEqual(asked, [
      "ghcr.io/osscontainertools/kaniko:v1.28.3 https",
      "registry.example.com:5000/python:3.11-slim http",
    ]);
    assert.match(text, /^# A stack\.\n/);
    assert.ok(text.includes(`python: registry.example.com:5000/python:3.11-slim@${digest} # why this one`));
    assert.ok(text.includes(`go: ghcr.io/a/go@sha256:${"b".repeat(64)}`));
    assert.ok(text.includes(`image: ghcr.io/osscontainertools/kaniko:v1.28.3@${digest}`));
    assert.equal(images.length, 2);
  });

  it("moves a pinned tag to the digest that it has now", async () => {
    const { text } = await pin(file.replace("3.11-slim #", `3.11-slim@sha256:${"c".repeat(64)} #`), () =>
      Promise.resolve(digest),
    );
    assert.ok(text.includes(`python:3.11-slim@${digest} #`));
  });

  it("leaves the exact tag where a registry can't be reached, and says why", async () => {
    const { text, images } = await pin(file, () => Promise.reject(new Error("no route")));
    assert.equal(text, file);
    assert.deepEqual(
      images.map(({ after, reason }) => [after, reason]),
      [
        [undefined, "no route"],
        [undefined, "no route"],
      ],
    );
  });

  it("knows every setting that names an image", () => {
    const isImage = (key: string): boolean => {
      const values = key
        .split(".")
        .reduceRight<unknown>((value, part) => ({ [part]: value }), "ghcr.io/a/b:latest");
      return linesOf(values as Record<string, unknown>).some((line) => line.includes("moving tag"));
    };
    assert.deepEqual(
      settingsTable()
        .map(({ key }) => key)
        .filter((key) => !key.includes("[]") && isImage(key)),
      IMAGE_SETTINGS.map((path) => pathText(path)),
    );
  });
});

describe("a registry's digest", () => {
  const manifest = JSON.stringify({ schemaVersion: 2 });
  const own = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
  let server: Server;
  let registry: string;
  let said: string | undefined = own;

  before(async () => {
    server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://registry");
      if (pathname === "/token") {
        response.end(
          JSON.stringify({ token: searchParams.get("scope") === "repository:a:pull" ? "let-in" : "no" }),
        );
      } else if (
        pathname === "/v2/private/manifests/1" ||
        (pathname === "/v2/a/manifests/1" && request.headers.authorization !== "Bearer let-in")
      ) {
        response
          .setHeader(
            "www-authenticate",
            `Bearer realm="http://${registry}/token",service="r",scope="repository:a:pull"`,
          )
          .writeHead(401)
          .end();
      } else if (pathname === "/v2/a/manifests/1") {
        if (said !== undefined) response.setHeader("docker-content-digest", said);
        response.end(manifest);
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const resolve = (repository: string) =>
    resolveDigest({ registry, repository, tag: "1" }, { insecure: true });

  it("is computed from the manifest, behind a token where the registry asks for one", async () => {
    assert.equal(await resolve("a"), own);
  });

  it("is refused where the registry says another of the same bytes", async () => {
    said = digest;
    await assert.rejects(resolve("a"), /of a manifest whose digest is/);
    said = undefined;
    assert.equal(await resolve("a"), own);
  });

  it("fails with the registry's answer", async () => {
    await assert.rejects(resolve("gone"), /answered 404 Not Found$/);
    await assert.rejects(resolve("private"), /answered 401/);
    await assert.rejects(
      resolveDigest({ registry: "127.0.0.1:1", repository: "a", tag: "1" }, { insecure: true }),
      /127\.0\.0\.1:1 can't be reached/,
    );
  });
});
