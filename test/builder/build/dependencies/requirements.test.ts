import assert from "node:assert/strict";
import fc from "fast-check";
import {
  includedFiles,
  logicalLines,
  readRequirements,
} from "../../../../builder/build/dependencies/requirements";
import { UserError } from "../../../../builder/types";

const SHA = "a".repeat(64);
const read = (text: string, others: Record<string, string> = {}, sourceHash = "source") =>
  readRequirements(new Map(Object.entries({ "requirements.txt": text, ...others })), sourceHash);

describe("requirements.txt", () => {
  const kinds: [text: string, kind: "locked" | "ranges" | "none"][] = [
    ["", "none"],
    ["# nothing\n\n", "none"],
    ["--index-url https://index.example.com/simple\n", "none"],
    ["requests==2.32.3\n", "locked"],
    ["requests==2.32.3  # pinned\nnumpy===1.26.4\n", "locked"],
    ["requests[socks]==2.32.3 ; python_version >= '3.8'\n", "locked"],
    [`requests==2.32.3 \\\n    --hash=sha256:${SHA}\n`, "locked"],
    [`requests @ https://index.example.com/requests.whl#sha256=${SHA}\n`, "locked"],
    [`git+https://git.example.com/x.git@${"a".repeat(40)}\n`, "locked"],
    ["requests\n", "ranges"],
    ["requests>=2\n", "ranges"],
    ["requests~=2.32\n", "ranges"],
    ["requests==2.*\n", "ranges"],
    ["requests==2.32.3,<3\n", "ranges"],
    ["requests==2.32.3\nnumpy\n", "ranges"],
    ["requests @ https://index.example.com/requests.whl\n", "ranges"],
    ["git+https://git.example.com/x.git@main\n", "ranges"],
    ["-r https://example.com/more.txt\nrequests==2.32.3\n", "ranges"],
    ["-e .\n", "ranges"],
    ["./wheels/mine-1.0-py3-none-any.whl\n", "ranges"],
  ];
  for (const [text, kind] of kinds)
    it(`${JSON.stringify(text.slice(0, 60))} is ${kind}`, () => {
      assert.equal(read(text).lockfile.kind, kind);
    });

  const local = [
    "-e .",
    "-e ./lib",
    "--editable=./lib",
    "-e git+https://git.example.com/x.git#egg=x@",
    "./lib",
    "/src/lib",
    "lib/",
    "mine-1.0.whl",
    "mine @ file:///src/mine.whl",
    "-f ./wheels",
    "file:lib",
  ];
  for (const line of local)
    it(`${line} ${line.includes("git+") ? "needs no" : "needs the"} source`, () => {
      assert.equal(read(`${line}\nrequests==2.32.3\n`).needsSource, !line.includes("git+"));
    });
  it("that asks an index needs no source", () => {
    for (const line of [
      "requests==2.32.3",
      "-f https://example.com/wheels",
      "--no-binary :all:",
      "requests @ https://example.com/r.whl",
    ])
      assert.equal(read(`${line}\n`).needsSource, false, line);
  });

  it("becomes one file with what it includes, from the folder of each", () => {
    const { text, constraints, lockfile } = read("-r requirements/base.txt\n-c limits.txt\nnumpy==1.26.4\n", {
      "requirements/base.txt": "-r ./more.txt\nrequests==2.32.3\n",
      "requirements/more.txt": "six==1.17.0\n-c ../limits.txt\n",
      "limits.txt": "urllib3==2.5.0\n",
    });
    assert.equal(text, "six==1.17.0\nrequests==2.32.3\nnumpy==1.26.4\n");
    assert.equal(constraints, "urllib3==2.5.0\n");
    assert.equal(lockfile.kind, "locked");
  });
  it("may include in a circle", () => {
    assert.equal(read("-r a.txt\n", { "a.txt": "-r requirements.txt\nsix==1.17.0\n" }).text, "six==1.17.0\n");
  });
  for (const [include, message] of [
    ["-r missing.txt", /which the source does not have/],
    ["-r../up.txt", /lies outside of the source/],
    ["--requirement=/etc/passwd", /lies outside of the source/],
    ["-c sub/../../up.txt", /lies outside of the source/],
  ] as const)
    it(`that says ${include} is the user's error`, () => {
      assert.throws(
        () => read(`${include}\n`),
        (error: unknown) =>
          error instanceof UserError && error.reason === "RequirementsInvalid" && message.test(error.message),
      );
    });
  it("names the files that have to be read", () => {
    assert.deepEqual(
      includedFiles("deep/a.txt", "-r b.txt\n-c ../c.txt\n-rd.txt\n-r https://example.com/e.txt\n"),
      ["deep/b.txt", "c.txt", "deep/d.txt"],
    );
  });

  it("knows by what name packages are asked for", () => {
    assert.deepEqual(
      [
        ...read(
          "Functions_Framework>=3\nzope.interface\nrequests[socks] == 2\nflask;python_version<'4'\nx @ https://example.com/x.whl\n-e ./lib\n",
        ).names,
      ],
      ["functions-framework", "zope-interface", "requests", "flask", "x"],
    );
  });
  it("tells pip's hash mode, in which everything needs a hash", () => {
    assert.equal(read(`six==1.17.0 --hash=sha256:${SHA}\n`).hashes, true);
    assert.equal(read("--require-hashes\nsix==1.17.0\n").hashes, true);
    assert.equal(read("six==1.17.0\n").hashes, false);
  });

  it("has another hash when anything that decides on it changes, and else not", () => {
    const base = read("-r a.txt\nsix==1.17.0\n", { "a.txt": "numpy==1\n" }).lockfile.hash;
    assert.equal(read("-r a.txt\n# a word\nsix==1.17.0\n", { "a.txt": "numpy==1\n" }).lockfile.hash, base);
    assert.equal(
      read("-r a.txt\nsix==1.17.0\n", { "a.txt": "numpy==1\n" }, "other code").lockfile.hash,
      base,
    );
    assert.notEqual(read("-r a.txt\nsix==1.17.0\n", { "a.txt": "numpy==2\n" }).lockfile.hash, base);
    assert.notEqual(read("-e .\n", {}, "one").lockfile.hash, read("-e .\n", {}, "other").lockfile.hash);
    assert.notEqual(read("a==1\nb==1\n").lockfile.hash, read("a==1 b==1\n").lockfile.hash);
  });

  it("is read without a crash, whatever it says", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(...local, "-r", "-c x", "\\", "#", "a==1"))),
        (lines) => {
          try {
            const { text, lockfile } = read(lines.join("\n"));
            assert.match(lockfile.hash, /^[0-9a-f]{64}$/);
            for (const line of logicalLines(text ?? "")) assert.doesNotMatch(line, /[\r\n]/);
          } catch (error) {
            assert.ok(error instanceof UserError, String(error));
          }
        },
      ),
    );
  });
});
