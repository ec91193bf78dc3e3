import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CODE_FOLDER } from "../../../builder/build/dockerfile/ignore";
import { COMPILE_FROM_BYTES } from "../../../builder/build/dockerfile/python";
import { TEMPLATE_VERSION } from "../../../builder/build/templateVersion";
import { ASKS, GOLDEN, HASHED } from "./support/golden";
import { BASES, planOf } from "./support/source";

/** What the templates make of all of these: of another text is another version. */
const TEMPLATES: Record<number, string> = {
  1: "220e03067bc71735d595285c90a9f5c28dda756307abf87ca89a8a72263bf407",
};

describe("a function's Dockerfile", () => {
  for (const [name, [language, files]] of Object.entries(GOLDEN))
    it(`of ${name} is the one beside this test`, () => {
      // UPDATE_GOLDEN=1 writes what is now made of it.
      const path = join(__dirname, "golden", `${name}.Dockerfile`);
      const { dockerfile } = planOf(language, files);
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, dockerfile);
      assert.equal(dockerfile, readFileSync(path, "utf8"));
    });

  it("and what lies beside it change with the version of the templates, and not without", () => {
    const everything = Object.values(GOLDEN).map(([language, files]) => planOf(language, files).extraFiles);
    const hash = createHash("sha256").update(JSON.stringify(everything)).digest("hex");
    assert.equal(
      TEMPLATES[TEMPLATE_VERSION],
      hash,
      "the templates changed: raise TEMPLATE_VERSION and add its hash here",
    );
  });

  for (const [name, [language, files]] of Object.entries(GOLDEN))
    describe(`of ${name}`, () => {
      const { dockerfile, cacheable, extraFiles } = planOf(language, files);
      const instructions = dockerfile.split("\n").filter((line) => line !== "");

      it("has two stages, on pinned images and nothing else", () => {
        const from = instructions.filter((line) => line.startsWith("FROM "));
        assert.equal(from.length, 2);
        assert.deepEqual(from, [`FROM ${BASES[language].build} AS build`, `FROM ${BASES[language].runtime}`]);
        assert.doesNotMatch(dockerfile, /--from=(?!build\b)/);
      });
      it("runs as nobody, by number, from the first moment", () => {
        const user = instructions.findIndex((line) => line === "USER 65532:65532");
        assert.ok(user > 0);
        assert.equal(instructions.filter((line) => line.startsWith("USER")).length, 1);
        assert.ok(
          instructions.slice(user + 1).every((line) => line.startsWith("CMD [")),
          "nothing is copied or run as nobody",
        );
      });
      it("installs nothing in the stage that is served", () => {
        const served = dockerfile.slice(dockerfile.lastIndexOf("FROM "));
        assert.doesNotMatch(served, /\b(pip|npm|go build|apt|curl)\b/);
      });
      it("copies the code after all that changes less", () => {
        const served = cacheable.filter(({ stage, name: kind }) => stage === 1 && kind === "COPY");
        const code = served.findIndex(({ text }) => text.startsWith(`COPY ${CODE_FOLDER}/`));
        assert.ok(code === -1 || code === served.length - 1);
      });
      it("takes new code from the cache but for what holds the code", () => {
        const misses = cacheable.filter(({ text }) => new RegExp(`COPY ${CODE_FOLDER}/ `).test(text)).length;
        assert.ok(misses <= 1, "the code is copied once");
      });
      it("is in the context with all that it copies", () => {
        assert.equal(extraFiles["Dockerfile"], dockerfile);
        for (const [, copied = ""] of dockerfile.matchAll(/^COPY (platform\/[\w/]*)/gm))
          assert.ok(
            Object.keys(extraFiles).some((path) => path.startsWith(copied)),
            copied,
          );
      });
    });

  it("uses pip's hash mode for what has hashes, and then the framework without touching it", () => {
    const { dockerfile } = planOf("python", { "main.py": "", "requirements.txt": HASHED });
    assert.match(dockerfile, /install [^\n]* -r \/platform\/requirements\.txt &&/);
    assert.match(dockerfile, /-c \/tmp\/installed\.txt functions-framework==/);
  });
  it("compiles large Python code, and leaves small code to the start", () => {
    const compiles = (bytes: number) =>
      /RUN \{ python3 -m compileall/.test(planOf("python", { "main.py": "x".repeat(bytes) }).dockerfile);
    assert.equal(compiles(COMPILE_FROM_BYTES), true);
    assert.equal(compiles(COMPILE_FROM_BYTES - 1), false);
  });
  it("keeps packages that a source brings along, unless package.json asks for them", () => {
    const along = { "index.js": "", "node_modules/a/index.js": "" };
    assert.doesNotMatch(planOf("nodejs", along).dockerignore ?? "", /node_modules/);
    assert.match(
      planOf("nodejs", { ...along, "package.json": ASKS }).dockerignore ?? "",
      /^code\/node_modules$/m,
    );
  });
});

describe("a Dockerfile of the user's own", () => {
  const files = {
    Dockerfile: "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nCOPY . /app\n",
    "main.py": "",
    ".dockerignore": "*",
  };
  const plan = planOf("python", files, "anything at all");

  it("is used as it is, at the top of the context, and asks for no handler", () => {
    assert.equal(plan.dockerfile, files.Dockerfile);
    assert.deepEqual(plan.extraFiles, {});
    assert.equal(plan.codeFolder, "");
    assert.equal(plan.dockerignore, undefined);
    assert.equal(plan.ownDockerfile, true);
  });
  it("may build on the platform's images, by their digests", () => {
    assert.deepEqual(plan.buildArgs, { BASE_IMAGE: BASES.python.build, RUNTIME_IMAGE: BASES.python.runtime });
    assert.deepEqual(planOf("python", { "main.py": "" }).buildArgs, {});
  });
  it("grows old: nobody knows what it installs", () => {
    assert.equal(plan.lockfile.kind, "ranges");
  });
  it("below the top is nobody's", () => {
    assert.equal(planOf("python", { "main.py": "", "docker/Dockerfile": "FROM x" }).ownDockerfile, false);
  });
});
