import assert from "node:assert/strict";
import {
  type Accepted,
  doubled,
  type FunctionObject,
  type JobObject,
  leaked,
  type Settled,
  unrecorded,
  unserved,
} from "./checker";
import type { Moment } from "../../support/history";

const CODE = "def handler(data): ...\n";
const DIGEST = `sha256:${"a".repeat(64)}`;
const metadata = { name: "parser", namespace: "team", generation: 2 };
const accepted: Accepted[] = [{ namespace: "team", name: "parser", code: CODE }];

/** A platform in order, with what a test changes. */
function world({
  fn = {},
  contents = CODE.trimEnd(),
  image = `registry/functions/team@${DIGEST}`,
}: { fn?: Partial<FunctionObject>; contents?: string; image?: string } = {}): Settled {
  return {
    accepted,
    functions: [
      {
        apiVersion: "",
        kind: "",
        metadata,
        spec: { source: { inline: { code: CODE } } },
        status: { phase: "Ready", observedGeneration: 2, buildStatus: { digest: DIGEST } },
        ...fn,
      },
    ],
    services: [
      { apiVersion: "", kind: "", metadata, spec: { template: { spec: { containers: [{ image }] } } } },
    ],
    configMaps: [],
    images: {
      tags: () => ["abc"],
      digest: () => DIGEST,
      contents: (repository, reference) =>
        repository === "functions/team" && reference === DIGEST ? contents : undefined,
    },
    repository: "registry/functions",
  };
}

const moment = (
  type: Moment<JobObject>["type"],
  name: string,
  image: string,
  ended?: string,
): Moment<JobObject> => ({
  type,
  at: 0,
  object: {
    apiVersion: "",
    kind: "",
    metadata: { name },
    spec: { template: { spec: { containers: [{ args: ["--cache", `--destination=${image}`] }] } } },
    status: { conditions: ended === undefined ? [] : [{ type: ended, status: "True" }] },
  },
});

describe("the checker of faults", () => {
  it("finds nothing wrong where nothing is", () => {
    assert.deepEqual(unserved(world()), []);
    assert.deepEqual(unrecorded(world(), []), []);
  });

  for (const [what, changed, words] of [
    ["a function that is gone", { ...world(), functions: [] }, /is gone/],
    [
      "a spec that was lost",
      world({ fn: { spec: { source: { inline: { code: "old" } } } } }),
      /has not the spec/,
    ],
    [
      "one that is not Ready",
      world({ fn: { status: { phase: "Building", observedGeneration: 2 } } }),
      /is Building at generation 2 of 2/,
    ],
    [
      "one that is Ready for an earlier spec",
      world({ fn: { status: { phase: "Ready", observedGeneration: 1 } } }),
      /at generation 1 of 2/,
    ],
    [
      "a digest that the registry has not",
      world({
        fn: { status: { phase: "Ready", observedGeneration: 2, buildStatus: { digest: "sha256:b" } } },
      }),
      /the registry has no sha256:b/,
    ],
    ["an image of another source", world({ contents: "old" }), /built of another source/],
    [
      "a Service that runs another image",
      world({ image: "registry/functions/team:latest" }),
      /its Service runs registry\/functions\/team:latest/,
    ],
  ] as const)
    it(`finds ${what}`, () => {
      assert.match(unserved(changed).join("\n"), words);
    });

  it("finds an image of which no status and no ConfigMap speaks", () => {
    const fn = { status: { phase: "Ready", observedGeneration: 2 } };
    assert.match(unrecorded(world({ fn }), []).join(), /functions\/team:abc .* is in no record/);
    const configMaps = [{ apiVersion: "", kind: "", metadata, data: { builds: `[{"digest":"${DIGEST}"}]` } }];
    assert.deepEqual(unrecorded({ ...world({ fn }), configMaps }, []), []);
  });

  it("takes an image's Job for its record, and an image for nobody's only where its build was cancelled", () => {
    const unspoken = world({ fn: { status: { phase: "Ready", observedGeneration: 2 } } });
    const image = "registry/functions/team:abc";
    assert.deepEqual(unrecorded(unspoken, [moment("DELETED", "a", image)]), []);
    assert.equal(unrecorded(unspoken, [moment("DELETED", "a", image, "Complete")]).length, 1);
    assert.deepEqual(unrecorded(unspoken, [moment("MODIFIED", "a", image, "Complete")]), []);
  });

  it("finds two Jobs that build one image at once, and only those", () => {
    assert.deepEqual(doubled([moment("ADDED", "a", "x"), moment("ADDED", "b", "y")]), []);
    assert.deepEqual(
      doubled([
        moment("ADDED", "a", "x"),
        moment("MODIFIED", "a", "x", "Complete"),
        moment("ADDED", "b", "x"),
      ]),
      [],
    );
    assert.deepEqual(
      doubled([moment("ADDED", "a", "x"), moment("DELETED", "a", "x"), moment("ADDED", "b", "x")]),
      [],
    );
    assert.match(
      doubled([
        moment("ADDED", "a", "x"),
        moment("ADDED", "b", "x"),
        moment("MODIFIED", "a", "x", "Failed"),
      ]).join(),
      /^a and b at once/,
    );
  });

  it("finds what is left over", () => {
    assert.deepEqual(leaked(["secrets a/x"], ["secrets a/x", "jobs a/y"]), ["jobs a/y"]);
  });
});
