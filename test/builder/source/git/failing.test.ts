import assert from "node:assert/strict";
import { packet } from "../../../../builder/source/git/pktLine";
import { gitSource, repository } from "../support/gitSource";
import { answerGit, band } from "../support/servers";
import { userError } from "../support/trees";
import { unreachable } from "../support/unreachable";

describe("a git source of a server that fails", () => {
  const { fetch, server } = gitSource();

  for (const [status, reason, message] of [
    [401, "SourceForbidden", /answers 401; name a Secret/],
    [403, "SourceForbidden", /answers 403/],
    [404, "SourceNotFound", /no such repository, or only for those who log in/],
    [400, "SourceInvalid", /answers 400/],
  ] as const)
    it(`is the user's to mend at ${status}`, async () => {
      server.answer = (_request, response) => void response.writeHead(status).end();
      await assert.rejects(fetch(), userError(message, reason, "spec.source.git.url"));
    });

  for (const status of [429, 500, 503])
    it(`is tried again at ${status}`, async () => {
      server.answer = (_request, response) => void response.writeHead(status).end();
      await assert.rejects(fetch(), unreachable(new RegExp(`answers ${status}`)));
    });

  it("is the user's to mend where it is a web page", async () => {
    server.answer = (_request, response) =>
      void response.setHeader("content-type", "text/html").end("<html>");
    await assert.rejects(fetch(), userError(/not git's smart HTTP/, "SourceInvalid", "spec.source.git.url"));
  });

  for (const [what, body] of [
    ["something else", "zzzz"],
    ["half a packet", "001e# service=git"],
    ["nothing", ""],
    ["another service", packet("# service=git-receive-pack\n")],
  ] as const)
    it(`is the user's to mend where it answers ${what}`, async () => {
      server.answer = (_request, response) =>
        void response.setHeader("content-type", "application/x-git-upload-pack-advertisement").end(body);
      await assert.rejects(fetch(), userError(/127.0.0.1/, "SourceInvalid", "spec.source.git.url"));
    });

  it("says so where objects are named by SHA-256", async () => {
    server.answer = answerGit(repository({ "main.py": "x" }, { capabilities: ["object-format=sha256"] }));
    await assert.rejects(
      fetch(),
      userError(/only sha1 is supported/, "SourceInvalid", "spec.source.git.url"),
    );
  });

  const instead = (...answer: (string | Buffer)[]) => {
    const git = answerGit(repository({ "main.py": "x" }));
    server.answer = (request, response, body) => {
      if (request.method === "GET") git(request, response, body);
      else {
        response.setHeader("content-type", "application/x-git-upload-pack-result");
        for (const part of answer) response.write(part);
        response.end();
      }
    };
  };

  it("tells a commit that is gone from a server that breaks", async () => {
    instead(packet("ERR upload-pack: not our ref 1234"));
    await assert.rejects(fetch(), userError(/no such commit/, "SourceNotFound", "spec.source.git.ref"));
    instead("0000", packet("NAK\n"), band(3, Buffer.from("out of memory\n")));
    await assert.rejects(fetch(), unreachable(/git server says "out of memory"/));
  });

  it("notices a pack that arrives damaged or cut", async () => {
    const pack = repository({ "main.py": "x" }).objects.pack();
    pack[20] = (pack[20] ?? 0) ^ 1;
    instead("0000", packet("NAK\n"), band(1, pack), "0000");
    await assert.rejects(fetch(), unreachable(/arrived damaged/));
    instead("0000", packet("NAK\n"), band(1, pack.subarray(0, 40)), "0000");
    await assert.rejects(fetch(), unreachable(/arrived damaged/));
    instead("0000", packet("NAK\n"));
    await assert.rejects(fetch(), unreachable(/arrived damaged/));
  });
});
