import assert from "node:assert/strict";
import { GitObjects } from "../support/gitObjects";
import { gitSource } from "../support/gitSource";
import { answerGit } from "../support/servers";
import { contentsOf, userError } from "../support/trees";

describe("a git source by its ref", () => {
  const { fetch, server } = gitSource();

  let one: string, two: string, tag: string, refs: Record<string, string>, objects: GitObjects;
  before(() => {
    objects = new GitObjects();
    one = objects.commit(objects.tree({ "main.py": "1" }));
    two = objects.commit(objects.tree({ "main.py": "2" }));
    tag = objects.tag(objects.tag(two));
    refs = {
      HEAD: one,
      "refs/heads/main": one,
      "refs/heads/both": one,
      "refs/heads/a/b": two,
      "refs/tags/both": two,
      "refs/tags/v1": tag,
      "refs/tags/v1^{}": two,
      "refs/heads/tree": objects.tree({ "main.py": "1" }),
    };
  });
  beforeEach(() => {
    server.answer = answerGit({ objects, refs });
  });

  for (const [what, ref, contents] of [
    ["a branch", () => "main", "1"],
    ["a branch with a slash", () => "a/b", "2"],
    ["a branch rather than a tag of that name", () => "both", "1"],
    ["a tag by its whole name", () => "refs/tags/both", "2"],
    ["an annotated tag of a tag", () => "v1", "2"],
    ["a commit that a branch is at", () => two, "2"],
    ["a commit in capitals", () => two.toUpperCase(), "2"],
  ] as const)
    it(`is found by ${what}`, async () => {
      assert.deepEqual(await contentsOf(await fetch({ ref: ref() })), { "main.py": contents });
    });

  it("is found by any commit that the server hands out", async () => {
    const old = objects.commit(objects.tree({ "main.py": "0" }));
    await assert.rejects(
      fetch({ ref: old }),
      userError(/hands out no single commits/, "SourceNotFound", "spec.source.git.ref"),
    );
    const capabilities = ["side-band-64k", "allow-reachable-sha1-in-want"];
    server.answer = answerGit({ objects, refs, capabilities });
    const tree = await fetch({ ref: old });
    assert.deepEqual([await contentsOf(tree), tree.revision], [{ "main.py": "0" }, old]);
  });

  for (const [ref, message] of [
    ["mai", /no branch or tag "mai"; there are the branches "main", "both", "a\/b", "tree"/],
    ["master", /no branch or tag "master"/],
    ["heads/main", /no branch or tag/],
    ["abc1234", /named by all of its 40 digits/],
    ["refs/heads", /no branch or tag/],
  ] as const)
    it(`is an error for ${ref}, and never the default branch`, async () => {
      await assert.rejects(fetch({ ref }), userError(message, "SourceNotFound", "spec.source.git.ref"));
      assert.equal(server.requests.length, 1);
    });

  for (const ref of [
    "--upload-pack=touch /tmp/x",
    "-b",
    "main\nwant x",
    "a..b",
    "main~1",
    "main^{}",
    "@{upstream}",
    "@",
    "a b",
    "/main",
    "main/",
    "a//b",
    ".a",
    "a.lock",
    "*",
  ])
    it(`is refused for ${JSON.stringify(ref)}, without a request`, async () => {
      await assert.rejects(
        fetch({ ref }),
        userError(/not the name of a branch, a tag or a commit/, "SourceInvalid", "spec.source.git.ref"),
      );
      assert.deepEqual(server.requests, []);
    });

  it("is an error where the ref is of a folder", async () => {
    await assert.rejects(
      fetch({ ref: "tree" }),
      userError(/doesn't lead to a commit/, "SourceInvalid", "spec.source.git.ref"),
    );
  });

  it("is an error in an empty repository", async () => {
    server.answer = answerGit({ objects, refs: {} });
    await assert.rejects(fetch(), userError(/repository is empty/, "SourceNotFound", "spec.source.git.ref"));
  });
});
