import assert from "node:assert/strict";
import { cacheUse, total } from "../../../../builder/build/kaniko/cacheHits";
import { readKanikoLog } from "../../../../builder/build/kaniko/log";
import { kanikoFeatures } from "../../../../builder/build/kaniko/version";
import { cacheableInstructions } from "../../../../builder/build/dockerfile/instructions";
import { planOf } from "../support/source";
import { hit, info, log, miss } from "../support/kanikoLog";

const OLD = kanikoFeatures("1.25.5");
const NEW = kanikoFeatures("1.28.3");
const use = (text: string, dockerfile: string, features = OLD) =>
  cacheUse(readKanikoLog(text), cacheableInstructions(dockerfile), features);
const rate = ({ hits, requests }: ReturnType<typeof use>): string => `${total(hits)}/${total(requests)}`;

describe("cache hits", () => {
  const plan = planOf("python", { "main.py": "" });
  const [platform = "", run = "", venv = "", adapter = "", code = ""] = plan.cacheable.map(
    ({ text }) => text,
  );
  const spaced = run.replaceAll("&& ", "&&     ");

  it("are counted against all cacheable instructions, not only those that Kaniko logged", () => {
    // What 1.25.5 wrote for new code with a warm cache, and for a cold one.
    const warm = log(hit(platform), hit(spaced), hit(venv), hit(adapter), miss(code));
    assert.deepEqual(use(warm, plan.dockerfile), {
      hits: { RUN: 1, COPY: 3, ADD: 0, WORKDIR: 0 },
      requests: { RUN: 1, COPY: 4, ADD: 0, WORKDIR: 0 },
    });
    assert.equal(rate(use(log(miss(platform)), plan.dockerfile)), "0/5");
    assert.equal(rate(use("", plan.dockerfile)), "0/5");
  });

  it("are those of instructions that the Dockerfile has, each once", () => {
    const dockerfile = "FROM a AS b\nCOPY x /x\nRUN y\nFROM a\nCOPY x /x\nCOPY --from=b /y /y\n";
    assert.equal(rate(use(log(hit("COPY x /x"), hit("COPY x /x"), hit("COPY x /x")), dockerfile)), "2/4");
    assert.equal(rate(use(log(hit("COPY x /x")), dockerfile)), "1/4");
    assert.equal(rate(use(log(hit("RUN something else")), dockerfile)), "0/4");
  });

  it("are not what a command of the build prints", () => {
    const dockerfile = "FROM a\nRUN y\n";
    assert.equal(rate(use("Using caching version of cmd: RUN y\n", dockerfile)), "0/1");
  });

  it("take in what Kaniko's version can cache, and nothing else", () => {
    const dockerfile = "FROM a\nWORKDIR /x\nADD a /a\nRUN y\n";
    const all = log(hit("WORKDIR /x"), hit("ADD a /a"), hit("RUN y"));
    assert.equal(rate(use(all, dockerfile, OLD)), "1/1");
    assert.equal(rate(use(all, dockerfile, NEW)), "3/3");
  });

  it("are those of a stage that is left out, too", () => {
    const dockerfile = "FROM a AS b\nRUN y\nFROM a\nCOPY --from=b /y /y\n";
    const eliminated = info("Eliminating stage 'a' [idx: '0'], all consumers are served from cache");
    assert.equal(rate(use(log(hit("COPY --from=b /y /y"), eliminated), dockerfile, NEW)), "2/2");
  });

  for (const [language, files, share] of [
    ["python", { "main.py": "", "requirements.txt": "six==1.17.0\n" }, 0.8],
    [
      "nodejs",
      { "index.js": "", "package.json": '{"dependencies":{"a":"1"}}', "package-lock.json": "{}" },
      0.8,
    ],
    ["nodejs", { "index.js": "" }, 0.75],
  ] as const)
    it(`of new code in ${Object.keys(files).join(", ")} can be ${share * 100} % (SRE-002: above 70 %)`, () => {
      const { cacheable } = planOf(language, files);
      const unchanged = cacheable.filter(({ text }) => !/^COPY code\/ /.test(text)).length;
      assert.ok(unchanged / cacheable.length >= share, `${unchanged}/${cacheable.length}`);
    });
});
