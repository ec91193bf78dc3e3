import assert from "node:assert/strict";
import { compareValues } from "../../preview/compareValues";

describe("the differences of two values", () => {
  it("are their leaves, by path", () => {
    assert.deepEqual(compareValues({ a: { b: 1, c: 2 }, d: [1, 2] }, { a: { b: 1, c: 3 }, d: [1] }), [
      { path: "a.c", before: 2, after: 3 },
      { path: "d[1]", before: 2, after: undefined },
    ]);
  });

  it("are none where nothing differs", () => {
    assert.deepEqual(compareValues({ a: [{ b: null }] }, { a: [{ b: null }] }), []);
  });

  it("tell an absent value from null, and a mapping from a list", () => {
    assert.deepEqual(compareValues({ a: null }, {}), [{ path: "a", before: null, after: undefined }]);
    assert.deepEqual(compareValues({ a: {} }, { a: [] }), [{ path: "a", before: {}, after: [] }]);
  });

  it("match the entries of a list by name, wherever they stand", () => {
    const [memory, cpu] = [
      { name: "MEMORY", value: "2Gi" },
      { name: "CPU", value: "1" },
    ];
    assert.deepEqual(compareValues([cpu, memory], [{ ...memory, value: "4Gi" }, cpu]), [
      { path: "[MEMORY].value", before: "2Gi", after: "4Gi" },
    ]);
  });

  it("match by position where two entries have one name", () => {
    const twice = [
      { name: "a", x: 1 },
      { name: "a", x: 2 },
    ];
    assert.deepEqual(
      compareValues(twice, [
        { name: "a", x: 1 },
        { name: "a", x: 3 },
      ]),
      [{ path: "[1].x", before: 2, after: 3 }],
    );
  });

  it("lie inside JSON texts, and are no differences of layout", () => {
    assert.deepEqual(compareValues({ policy: '{"days":4}' }, { policy: '{ "days": 5 }' }), [
      { path: "policy|days", before: 4, after: 5 },
    ]);
    assert.deepEqual(compareValues({ policy: '{"days":4}' }, { policy: '{ "days": 4 }' }), []);
    assert.deepEqual(compareValues("{not json", "{nor this"), [
      { path: "", before: "{not json", after: "{nor this" },
    ]);
  });

  it("leave out texts and keys that say the same", () => {
    const same = (a: string, b: string) => a.replace("dev", "x") === b.replace("prod", "x");
    assert.deepEqual(
      compareValues({ "tag/dev": "own", name: "app-dev" }, { "tag/prod": "own", name: "app-prod" }, same),
      [],
    );
    assert.deepEqual(compareValues({ "tag/dev": "own" }, { "tag/prod": "shared" }, same), [
      { path: "tag/prod", before: "own", after: "shared" },
    ]);
  });
});
