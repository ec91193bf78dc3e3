import assert from "node:assert/strict";
import { packet } from "../../../../builder/source/git/pktLine";
import { deltaOf, distance, entry, GitObjects, oidOf, packOf, stored } from "../support/gitObjects";
import { gitSource } from "../support/gitSource";
import { answerGit } from "../support/servers";
import { contentsOf, userError } from "../support/trees";

describe("a git source", () => {
  const { fetch, server } = gitSource();

  it("is the files of the ref's commit, and its revision the commit", async () => {
    const objects = new GitObjects();
    const commit = objects.commit(
      objects.tree({
        "main.py": "print(1)\n",
        lib: entry(
          "40000",
          objects.tree({ "a.py": "a", "run.sh": entry("100755", objects.add("blob", "#!")) }),
        ),
        "link.py": entry("120000", objects.add("blob", "lib/a.py")),
        "big.bin": "x".repeat(700_000),
        empty: "",
      }),
    );
    server.answer = answerGit({ objects, refs: { "refs/heads/main": commit } });
    const tree = await fetch();
    assert.equal(tree.revision, commit);
    assert.deepEqual(await contentsOf(tree), {
      "big.bin": "x".repeat(700_000),
      empty: "",
      "lib/a.py": "a",
      "lib/run.sh*": "#!",
      "link.py": "a",
      "main.py": "print(1)\n",
    });
    const [, second] = server.requests;
    assert.equal(second?.method, "POST");
    assert.equal(
      second.body.toString(),
      packet(
        `want ${commit} multi_ack_detailed side-band-64k ofs-delta no-progress object-format=sha1 agent=knative-lambda\n`,
      ) + `${packet("deepen 1\n")}0000${packet("done\n")}`,
    );
    await tree.dispose();
  });

  it("is a folder of the repository, or one file of it, where a path is given", async () => {
    const objects = new GitObjects();
    const deep = objects.tree({ "main.py": "inner", other: "x" });
    const commit = objects.commit(
      objects.tree({
        "main.py": "outer",
        functions: entry("40000", objects.tree({ inner: entry("40000", deep) })),
      }),
    );
    server.answer = answerGit({ objects: objects, refs: { "refs/heads/main": commit } });
    assert.deepEqual(await contentsOf(await fetch({ path: "./functions/inner/" })), {
      "main.py": "inner",
      other: "x",
    });
    assert.deepEqual(await contentsOf(await fetch({ path: "/functions/inner" })), {
      "main.py": "inner",
      other: "x",
    });
    assert.deepEqual(await contentsOf(await fetch({ path: "functions/inner/other" })), { "main.py": "x" });
    for (const path of ["functions/none", "main.py/x"])
      await assert.rejects(
        fetch({ path }),
        userError(/nothing is named/, "SourceNotFound", "spec.source.git.path"),
      );
    await assert.rejects(
      fetch({ path: "../x" }),
      userError(/leaves the source/, "SourceInvalid", "spec.source.git.path"),
    );
  });

  it("doesn't mind what lies outside the path", async () => {
    const objects = new GitObjects();
    const commit = objects.commit(
      objects.tree({
        module: entry("160000", "1".repeat(40)),
        "out.py": entry("120000", objects.add("blob", "/etc/passwd")),
        fn: entry("40000", objects.tree({ "main.py": "x" })),
      }),
    );
    server.answer = answerGit({ objects, refs: { "refs/heads/main": commit } });
    assert.deepEqual(await contentsOf(await fetch({ path: "fn" })), { "main.py": "x" });
    await assert.rejects(fetch(), userError(/"module" is a submodule/, "SourceInvalid", "spec.source.git"));
  });

  it("is read where objects are stored as differences, by place or by name, before their base or after it", async () => {
    const objects = new GitObjects();
    const base = Buffer.from("0123456789".repeat(100));
    const first = Buffer.from(`${base.toString()}first`);
    const second = Buffer.from(`second${first.toString()}`);
    const commit = objects.commit(
      objects.tree({
        base: entry("100644", objects.add("blob", base)),
        first: entry("100644", objects.add("blob", first)),
        second: entry("100755", objects.add("blob", second)),
      }),
    );
    const plain = [...objects.objects.values()].filter(({ type }) => type !== "blob");
    const byName = stored(7, deltaOf(1005, 1011, "second", { from: 0, size: 1005 }), oidOf(first));
    const whole = stored(3, base);
    const byPlace = stored(6, deltaOf(1000, 1005, { from: 0, size: 1000 }, "first"), distance(whole.length));
    const pack = packOf([
      byName,
      ...plain.map(({ type, contents }) => stored(type === "commit" ? 1 : 2, contents)),
      whole,
      byPlace,
    ]);
    server.answer = answerGit({ objects, refs: { "refs/heads/main": commit }, pack });
    assert.deepEqual(await contentsOf(await fetch()), {
      base: base.toString(),
      first: first.toString(),
      "second*": second.toString(),
    });
  });

  it("says what is missing where the server doesn't send all of it", async () => {
    const objects = new GitObjects();
    const commit = objects.commit(objects.tree({ "main.py": entry("100644", "1".repeat(40)) }));
    server.answer = answerGit({ objects, refs: { "refs/heads/main": commit } });
    await assert.rejects(fetch(), userError(/didn't send "main.py"/, "SourceInvalid", "spec.source.git"));
  });
});
