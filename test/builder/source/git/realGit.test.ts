import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetcherFor, requestFor } from "../support/fetchers";
import { type Loopback, loopback } from "../support/servers";
import { contentsOf, userError, workFolder } from "../support/trees";

/** What git itself packs and serves. Where there is no git, packs made by hand have to do: the other suites of this folder. */
describe("a git source on a server that runs git", () => {
  const folder = workFolder();
  const server = loopback();
  const { signal } = new AbortController();
  let repository = "";

  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: repository, env: { ...IDENTITY, PATH: process.env["PATH"] } })
      .toString()
      .trim();
  const write = (path: string, text: string): void => {
    writeFileSync(join(repository, path), text);
  };
  const fetch = (ref: string) =>
    fetcherFor(folder()).fetch(
      requestFor({ type: "git", git: { url: `${server.url}/functions`, ref } }),
      signal,
    );

  before(function () {
    if (spawnSync("git", ["http-backend"], { env: { PATH: process.env["PATH"] } }).error) this.skip();
    repository = join(folder(), "functions");
    mkdirSync(join(repository, "lib"), { recursive: true });
    git("init", "--quiet", "--initial-branch", "main");
    const table = Array.from({ length: 5000 }, (_, at) => `${at},${at * at}\n`).join("");
    write("main.py", "print(1)\n");
    write("lib/table.csv", table);
    write("lib/other.csv", `${table}more\n`);
    git("add", ".");
    git("commit", "--quiet", "--message", "one");
    git("tag", "--annotate", "v1", "--message", "one");
    write("main.py", "print(2)\n");
    git("commit", "--quiet", "--all", "--message", "two");
    git("gc", "--quiet");
    server.answer = backend(folder());
  });

  it("is read as git packs it, deltas included", async () => {
    const tree = await fetch("main");
    const contents = await contentsOf(tree);
    assert.equal(contents["main.py"], "print(2)\n");
    assert.equal(contents["lib/other.csv"], `${contents["lib/table.csv"] ?? ""}more\n`);
    assert.equal(tree.revision, git("rev-parse", "main"));
  });

  it("is read by an annotated tag", async () => {
    const tree = await fetch("v1");
    assert.equal((await contentsOf(tree))["main.py"], "print(1)\n");
    assert.equal(tree.revision, git("rev-parse", "v1^{commit}"));
  });

  it("is an error where the ref doesn't exist", async () => {
    await assert.rejects(
      fetch("master"),
      userError(/there are the branches "main"/, "SourceNotFound", "spec.source.git.ref"),
    );
  });
});

const IDENTITY = {
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.com",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

/** Answers through git's own server, by CGI. */
function backend(root: string): Loopback["answer"] {
  return (request, response, body) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const child = spawn("git", ["http-backend"], {
      env: {
        ...IDENTITY,
        PATH: process.env["PATH"],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"],
      },
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdout.on("end", () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf("\r\n\r\n");
      for (const line of answer.toString("latin1", 0, end).split("\r\n")) {
        const [name = "", value = ""] = line.split(": ");
        if (name === "Status") response.statusCode = Number.parseInt(value);
        else response.setHeader(name, value);
      }
      response.end(answer.subarray(end + 4));
    });
    child.stdin.end(body);
  };
}
