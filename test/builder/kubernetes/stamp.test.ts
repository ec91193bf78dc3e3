import assert from "node:assert/strict";
import { isConflict } from "../../../builder/kubernetes/apiError";
import { CONFIG_MAPS } from "../../../builder/kubernetes/resources";
import { applyStamped, isOlder, type Stamp, stampOf } from "../../../builder/kubernetes/stamp";
import { FakeApi } from "../support/fakeApi";

const MAPS = "/api/v1/namespaces/n/configmaps";
const stamp = (generation: number, templateVersion = 1): Stamp => ({
  function: "f",
  generation,
  templateVersion,
});
const map = (value: string) => ({ metadata: { namespace: "n", name: "m" }, data: { value } });

describe("a stamped object", () => {
  let api: FakeApi;
  beforeEach(async () => {
    api = await FakeApi.start();
  });
  afterEach(() => api.close());
  const write = (value: string, by: Stamp, options = {}) =>
    applyStamped(api.client(), CONFIG_MAPS, map(value), by, options);
  const value = () =>
    (api.objects.get(`${MAPS}/m`) as { data?: Record<string, string> } | undefined)?.data?.["value"];

  it("is made with what it was decided from", async () => {
    const { outcome, object } = await write("1", stamp(3, 2));
    assert.equal(outcome, "applied");
    assert.deepEqual(stampOf(object), stamp(3, 2));
  });

  it("gives way to a later generation, and of the same generation to a later builder", async () => {
    await write("1", stamp(3, 2));
    assert.equal((await write("2", stamp(3, 3))).outcome, "applied");
    assert.equal((await write("3", stamp(4, 1))).outcome, "applied");
    assert.equal(value(), "3");
  });

  it("never gives way to an earlier one", async () => {
    await write("new", stamp(3, 2));
    for (const old of [stamp(2, 2), stamp(2, 9), stamp(3, 1)])
      assert.equal((await write("old", old)).outcome, "superseded");
    assert.equal(value(), "new");
    assert.equal(api.askedFor("PATCH").length, 0);
  });

  it("is not written again where nothing is different, unless that is asked for", async () => {
    await write("1", stamp(3));
    assert.equal((await write("1", stamp(3))).outcome, "unchanged");
    assert.equal(api.askedFor("PATCH").length, 0);
    assert.equal((await write("1", stamp(3), { always: true })).outcome, "applied");
    assert.equal((await write("1", stamp(4))).outcome, "applied");
    assert.deepEqual(stampOf(api.objects.get(`${MAPS}/m`) ?? map("")), stamp(4));
  });

  it("is left alone where it is another function's, somebody else's, or on its way out", async () => {
    await write("theirs", { ...stamp(1), function: "other" });
    assert.equal((await write("mine", stamp(9))).outcome, "foreign");
    api.put(MAPS, map("somebody's"));
    assert.equal((await write("mine", stamp(9))).outcome, "foreign");
    assert.equal(value(), "somebody's");
    await api.client().delete(CONFIG_MAPS, { namespace: "n", name: "m" });
    const { object } = await write("1", stamp(1));
    api.put(MAPS, { ...object, metadata: { ...object.metadata, deletionTimestamp: "2030-01-01T00:00:00Z" } });
    assert.equal((await write("2", stamp(2))).outcome, "foreign");
  });

  it("is a conflict where another writes between the look and the write", async () => {
    await write("1", stamp(1));
    const between = (method: string, act: () => void): void => {
      let done = false;
      api.intercept = (asked) => {
        if (asked.method !== method || done) return undefined;
        done = true;
        act();
        return undefined;
      };
    };
    // A later generation is written after this one has looked: its version is another.
    between("PATCH", () =>
      api.put(MAPS, { ...map("9"), metadata: { ...map("9").metadata, annotations: {} } }),
    );
    await assert.rejects(write("2", stamp(2)), isConflict);
    assert.equal(value(), "9");
    // The object went: it is not made anew from what was decided before.
    api.remove(MAPS, "m");
    await write("1", stamp(1));
    between("PATCH", () => {
      api.remove(MAPS, "m");
    });
    await assert.rejects(write("2", stamp(2)), isConflict);
    assert.equal(value(), undefined);
    // Somebody makes it first.
    between("POST", () => api.put(MAPS, map("first")));
    await assert.rejects(write("1", stamp(1)), isConflict);
    assert.equal(value(), "first");
  });

  it("has its created fields taken for applied ones, or they could never go", async () => {
    const { object } = await write("1", stamp(1));
    const managed = {
      ...object,
      metadata: {
        ...object.metadata,
        managedFields: [
          { manager: "other", operation: "Update" },
          { manager: "test", operation: "Update", subresource: "status" },
          { manager: "test", operation: "Update" },
        ],
      },
    };
    api.intercept = ({ method }) => (method === "GET" ? { code: 200, body: managed } : undefined);
    await write("2", stamp(2));
    const [taken, applied] = api.askedFor("PATCH");
    assert.deepEqual(taken?.body, [
      { op: "replace", path: "/metadata/resourceVersion", value: object.metadata.resourceVersion },
      { op: "replace", path: "/metadata/managedFields/2/operation", value: "Apply" },
    ]);
    assert.equal(applied?.headers["content-type"], "application/apply-patch+yaml");
  });

  it("is older by generation first, then by template version", () => {
    assert.ok(isOlder(stamp(1, 9), stamp(2, 1)));
    assert.ok(isOlder(stamp(2, 1), stamp(2, 2)));
    assert.ok(!isOlder(stamp(2, 2), stamp(2, 2)));
  });
});
