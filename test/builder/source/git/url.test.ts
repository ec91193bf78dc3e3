import assert from "node:assert/strict";
import { gitSource, repository } from "../support/gitSource";
import { answerGit } from "../support/servers";
import { contentsOf, userError } from "../support/trees";

describe("a git source by its URL", () => {
  const { fetch, server } = gitSource();

  for (const [url, message] of [
    ["file:///etc/passwd", /is not over HTTPS/],
    ["ssh://git@github.com/a/b.git", /SSH address; .* as in https:\/\/github.com\/a\/b.git/],
    ["git@github.com:a/b.git", /SSH address; .* as in https:\/\/github.com\/a\/b.git/],
    ["git://github.com/a/b", /is not over HTTPS/],
    ["FILE:///etc/passwd", /is not over HTTPS/],
    ["file:/etc/passwd", /is not over HTTPS/],
    ["ssh://-oProxyCommand=touch%20x/a", /is not/],
    ["ftp://github.com/a/b", /is not over HTTPS/],
    ["data:text/plain,x", /is not over HTTPS/],
    ["https://", /is not a URL/],
    ["https://github.com/a/b#x", /"\?" or "#"/],
    ["ext::sh -c touch%20/tmp/x", /is not/],
    ["/srv/git/a", /is not a URL/],
    ["--upload-pack=x", /is not a URL/],
    ["https://github.com/a/b?x=1", /"\?" or "#"/],
  ] as const)
    it(`is refused for ${url}`, async () => {
      await assert.rejects(fetch({ url }), userError(message, "SourceInvalid", "spec.source.git.url"));
    });

  it("is refused with credentials in it, which the message doesn't repeat", async () => {
    await assert.rejects(fetch({ url: "https://me:hunter2@github.com/a/b" }), (error) => {
      assert.ok(!(error as Error).message.includes("hunter2"));
      return userError(/put them into a Secret/, "SourceInvalid", "spec.source.git.url")(error);
    });
  });

  it("is refused inside the cluster unless the settings list the host", async () => {
    await assert.rejects(
      fetch({}, { internalHosts: [] }),
      userError(/sources.internalHosts/, "SourceAddressRefused", "spec.source.git"),
    );
    assert.deepEqual(server.requests, []);
  });

  it("is followed where it redirects, and stays there", async () => {
    const repo = repository({ "main.py": "x" });
    const git = answerGit(repo);
    server.answer = (request, response, body) => {
      if (request.url?.startsWith("/team/") === true)
        response.writeHead(301, { location: "/moved/functions.git/info/refs?service=git-upload-pack" }).end();
      else git(request, response, body);
    };
    assert.deepEqual(await contentsOf(await fetch()), { "main.py": "x" });
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      [
        "/team/functions.git/info/refs?service=git-upload-pack",
        "/moved/functions.git/info/refs?service=git-upload-pack",
        "/moved/functions.git/git-upload-pack",
      ],
    );
  });

  for (const [to, message, reason = "SourceInvalid", field = "spec.source.git.url"] of [
    [
      "http://169.254.169.254/x/info/refs",
      /no source may come from/,
      "SourceAddressRefused",
      "spec.source.git",
    ],
    ["http://0xa9fea9fe/x/info/refs", /no source may come from/, "SourceAddressRefused", "spec.source.git"],
    ["http://2130706432.1/x/info/refs", /no URL/],
    ["http://localhost:1/x/info/refs", /inside the cluster/, "SourceAddressRefused", "spec.source.git"],
    ["ssh://git@127.0.0.1/x/info/refs", /SSH address/],
    ["/moved/../../../etc/passwd?service=git-upload-pack", /to something else/],
    ["http://[::1]:1/x/info/refs", /inside the cluster/, "SourceAddressRefused", "spec.source.git"],
    ["file:///etc/info/refs", /is not over HTTPS/],
    ["/login", /to something else/],
    ["http://a:b@127.0.0.1/x/info/refs", /credentials/],
    ["http://", /no URL/],
  ] as const)
    it(`is refused where it redirects to ${to}`, async () => {
      server.answer = (_request, response) => void response.writeHead(302, { location: to }).end();
      await assert.rejects(fetch(), userError(message, reason, field));
    });

  it("is refused where it redirects in a circle", async () => {
    server.answer = (request, response) => void response.writeHead(302, { location: request.url }).end();
    await assert.rejects(fetch(), userError(/more than 5 times/, "SourceInvalid", "spec.source.git.url"));
    assert.equal(server.requests.length, 6);
  });
});
