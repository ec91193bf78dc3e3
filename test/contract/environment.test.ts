import assert from "node:assert/strict";
import {
  environmentNames,
  environmentSchema,
  type EnvironmentName,
  variables,
} from "../../contract/environment";

const VALID: Record<string, string> = {
  LOG_LEVEL: "info",
  POD_NAME: "builder-1",
  ARCHITECTURE: "arm64",
  CONTEXT_URL: "http://builder:8082",
  KANIKO_CACHE_SCOPE: "namespace",
  KANIKO_SNAPSHOT_MODE: "redo",
  KANIKO_CACHE_TTL: "72h",
  KANIKO_TIMEOUT: "30m",
};

/** A text that a variable takes, by what it is. */
const sample = (name: EnvironmentName): string =>
  VALID[name] ??
  ["true", "1", "2Gi", "text"].find((text) => variables[name].type.safeParse(text).success) ??
  assert.fail(`no sample for ${name}`);

const complete: Record<string, string> = Object.fromEntries(
  environmentNames("config")
    .map((name): EnvironmentName => name)
    .concat("POD_NAME")
    .map((name) => [name, sample(name)]),
);
const problemsOf = (changes: Record<string, string | undefined>): string[] => {
  const { error } = environmentSchema.safeParse({ ...complete, ...changes });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
};

describe("the builder's environment", () => {
  it("says of each variable what it means", () => {
    for (const [name, { meaning }] of Object.entries(variables)) assert.match(meaning, /^[A-Z].*\.$/s, name);
  });

  it("has its secrets from a Secret and from nowhere else", () => {
    assert.deepEqual(environmentNames("secret"), ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    assert.deepEqual(
      environmentNames("config").filter((name) => /SECRET|PASSWORD|CREDENTIAL|_KEY_ID/.test(name)),
      [],
    );
  });

  it("needs every variable but the secrets", () => {
    assert.deepEqual(problemsOf({}), []);
    for (const name of Object.keys(complete))
      assert.equal(problemsOf({ [name]: undefined }).length, 1, `${name} may be missing`);
  });

  it("keeps what the process has beside it out", () => {
    const parsed: object = environmentSchema.parse({ ...complete, PATH: "/bin" });
    assert.equal("PATH" in parsed, false);
  });

  for (const [name, text, expected] of [
    ["KANIKO_CACHE", "true", true],
    ["KANIKO_CACHE", "false", false],
    ["KANIKO_RETRIES", "0", 0],
    ["KANIKO_CACHE_TTL", "1h30m", { text: "1h30m", seconds: 5400 }],
    ["KANIKO_LIMITS_MEMORY", "4Gi", "4Gi"],
    ["SOURCES_MAX_UNPACKED", "500Mi", 524_288_000],
    ["FUNCTION_NAMESPACES", "a,b", ["a", "b"]],
    ["SOURCES_INTERNAL_HOSTS", "", []],
    ["BUCKET_ENDPOINT", "", undefined],
    ["BUCKET_ENDPOINT", "http://s3:9000", "http://s3:9000"],
  ] as const)
    it(`reads ${name}=${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(environmentSchema.parse({ ...complete, [name]: text })[name], expected);
    });

  for (const [name, text] of [
    ["KANIKO_CACHE", "yes"],
    ["KANIKO_CACHE", ""],
    ["KANIKO_RETRIES", "-1"],
    ["KANIKO_RETRIES", "1.5"],
    ["KANIKO_CACHE_TTL", "3d"],
    ["KANIKO_LIMITS_MEMORY", "4GB"],
    ["SOURCES_MAX_UNPACKED", ""],
    ["LOG_LEVEL", "verbose"],
    ["BUCKET", ""],
    ["CONTEXT_URL", "builder"],
  ] as const)
    it(`refuses ${name}=${JSON.stringify(text)}, naming it`, () => {
      const problems = problemsOf({ [name]: text });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", new RegExp(`^${name}: `));
    });
});
