import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { gitSource, repository } from "../support/gitSource";
import { answerGit } from "../support/servers";
import { userError } from "../support/trees";

describe("a git source with a Secret", () => {
  const { fetch, server } = gitSource();

  const secretRef = { name: "git" };
  const secrets = {
    "team-a/git": { username: "me", password: "hunter2\n" },
    "team-b/other": { token: "t" },
  };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  const asked = () => server.requests.map(({ headers }) => headers.authorization);

  beforeEach(() => {
    server.answer = answerGit(repository({ "main.py": "x" }));
  });

  for (const [data, authorization] of [
    [{ username: "me", password: "p" }, basic("me:p")],
    [{ token: " t \n" }, basic("git:t")],
    [{ username: "me", token: "t" }, basic("me:t")],
    [{ "github-token": "t" }, basic("x-access-token:t")],
    [{ "gitlab-token": "t" }, basic("oauth2:t")],
  ] as const)
    it(`logs in by ${Object.keys(data).join(" and ")}`, async () => {
      await fetch({ secretRef }, { secrets: { "team-a/git": data } });
      assert.deepEqual(asked(), [authorization, authorization]);
    });

  for (const [data, message] of [
    [{}, /lacks username and password, or token/],
    [{ username: "me" }, /lacks username and password/],
    [{ "ssh-privatekey": "x" }, /SSH key; git is read over HTTPS/],
    [{ token: "a\nHost: evil" }, /holds no username or token/],
    [{ username: "a:b", password: "p" }, /holds no username or token/],
  ] as const)
    it(`refuses a Secret with ${Object.keys(data).join(" and ") || "nothing"}`, async () => {
      await assert.rejects(
        fetch({ secretRef }, { secrets: { "team-a/git": data } }),
        userError(message, "SecretIncomplete", "spec.source.git.secretRef.name"),
      );
      assert.deepEqual(server.requests, []);
    });

  for (const name of ["other", "../team-b/other", "x/y", "UPPER"])
    it(`doesn't find the Secret ${name} in its namespace`, async () => {
      await assert.rejects(
        fetch({ secretRef: { name } }, { secrets: { ...secrets, "team-a/../team-b/other": { token: "t" } } }),
        userError(/there is no Secret/, "SecretNotFound", "spec.source.git.secretRef.name"),
      );
    });

  it("sends it to the URL's own host only", async () => {
    const git = server.answer;
    server.answer = (request, response, body) => {
      if (request.headers.host?.startsWith("127.") === true)
        response.writeHead(302, { location: `http://localhost:${server.port}${request.url ?? ""}` }).end();
      else git(request, response, body);
    };
    const internalHosts = ["127.0.0.1", "localhost"];
    await fetch({ secretRef }, { secrets, internalHosts });
    assert.deepEqual(asked(), [basic("me:hunter2"), undefined, undefined]);
  });

  it("sends it to the URL's own port only", async () => {
    const asked: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    server.answer = (request, response) =>
      void response.writeHead(302, { location: `http://127.0.0.1:${port}${request.url ?? ""}` }).end();
    await assert.rejects(fetch({ secretRef }, { secrets }), /no such repository/);
    assert.deepEqual(asked, [undefined]);
    other.close();
  });

  it("sends it in the clear only to hosts that the settings list", async () => {
    const url = "http://git.example.com/a";
    await assert.rejects(
      fetch({ url, secretRef }, { secrets }),
      userError(/over https only/, "SourceInvalid", "spec.source.git.url"),
    );
  });
});
