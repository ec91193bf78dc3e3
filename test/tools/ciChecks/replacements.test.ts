import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { evaluate } from "../../../preview/evaluate";
import { readStackFile } from "../../../preview/stackFile";
import { losses, main, type Step } from "../../../tools/ciChecks/replacements";
import { STATEFUL } from "../../../tools/ciChecks/stateful";

/**
 * What Pulumi 3.259 answered to `pulumi preview --json` of dev, whose AWS part and providers were up, cut to the steps that are not `same` and to
 * what the check looks at: `bucket` with another `sourceBucket.name`, `protected` the same after `pulumi state protect --all`, `provider` with
 * `--replace` of the Kubernetes provider, `providersteps` likewise with `--show-replacement-steps`, `logs` with another `cluster.logRetentionDays`.
 */
const fixture = (name: string): string => readFileSync(join(__dirname, "fixtures", `${name}.json`), "utf8");

describe("the check of replacements", () => {
  const run = (text: string, ...argv: string[]) => {
    const said = { out: [] as string[], err: [] as string[] };
    const code = main(argv, () => text, {
      out: (line) => said.out.push(line),
      err: (line) => said.err.push(line),
    });
    return { code, ...said };
  };

  it("refuses a bucket that is replaced, names the property, and nothing of what is only updated with it", () => {
    assert.deepEqual(run(fixture("bucket")), {
      code: 2,
      out: [],
      err: [
        "sources-bucket (aws:s3/bucket:Bucket) is replaced (bucket): it is stateful",
        "If that is meant: --allow sources-bucket",
      ],
    });
  });

  it("says of what the state protects that it is protected, also where the program no longer asks for it", () => {
    const { code, err } = run(fixture("protected"));
    assert.equal(code, 2);
    assert.equal(err[0], "sources-bucket (aws:s3/bucket:Bucket) is replaced (bucket): it is protected");
  });

  it("refuses a provider that is replaced, once, whether the plan has one step for it or three", () => {
    for (const name of ["provider", "providersteps"]) {
      const { code, err } = run(fixture(name));
      assert.equal(code, 2);
      assert.deepEqual(err, [
        "cluster (pulumi:providers:kubernetes) is replaced (id): it is a provider",
        "If that is meant: --allow cluster",
      ]);
    }
  });

  it("lets an update pass", () => {
    assert.deepEqual(run(fixture("logs")), { code: 0, out: ["steps: 1; nothing is lost"], err: [] });
  });

  it("lets pass what is allowed by name, and still says it", () => {
    const { code, out, err } = run(fixture("bucket"), "--allow", "other sources-bucket");
    assert.equal(code, 0);
    assert.deepEqual(err, [
      "sources-bucket (aws:s3/bucket:Bucket) is replaced (bucket): it is stateful; allowed",
    ]);
    assert.match(out[0] ?? "", /nothing is lost but what is allowed$/);
    assert.equal(run(fixture("bucket"), "--allow", "").code, 2);
    assert.equal(run(fixture("bucket"), "--allow", "sources").code, 2);
  });

  it("refuses a deletion of what holds state, and lets others go", () => {
    const step = (op: string, type: string, protect?: boolean): Step => ({
      op,
      urn: `urn:pulumi:dev::knative-lambda::${type}::one`,
      oldState: { type, ...(protect === undefined ? {} : { protect }) },
    });
    for (const type of STATEFUL) {
      assert.deepEqual(
        losses([step("delete", type)]).map(({ line }) => line),
        [`one (${type}) is deleted: it is stateful`],
      );
      assert.deepEqual(losses([step("update", type), step("create", type), step("same", type)]), []);
    }
    assert.equal(losses([step("delete", "kubernetes:core/v1:ConfigMap", true)]).length, 1);
    assert.deepEqual(losses([step("delete", "kubernetes:core/v1:ConfigMap")]), []);
    // A provider of a version that nothing uses any more.
    assert.deepEqual(losses([step("delete", "pulumi:providers:aws")]), []);
  });

  it("refuses what is no plan: a check that understood nothing has not passed", () => {
    for (const text of ["", "error: no stack", "{}", '{"steps": []}', "null", "[]"]) {
      const { code, out, err } = run(text);
      assert.deepEqual([code, out], [2, []], text);
      assert.match(err[0] ?? "", /usage: npm run check:replacements/);
    }
  });

  it("knows the type of everything that the program protects in production", async () => {
    const { registrations } = await evaluate(readStackFile(resolve(__dirname, "..", "..", ".."), "prod"));
    const types = registrations.filter(({ protect }) => protect).map(({ type }) => type);
    assert.ok(types.length > 5, `${types.length}`);
    assert.deepEqual([...new Set([...types, "aws:eks/cluster:Cluster"])].sort(), [...STATEFUL].sort());
  });
});
