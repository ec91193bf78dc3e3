import assert from "node:assert/strict";
import { rendezvous } from "../../../builder/kubernetes/rendezvous";

const keys = Array.from({ length: 10_000 }, (_, index) => `team-${index % 7}/function-${index}`);
const members = ["builder-6f7-aaaaa", "builder-6f7-aaaab", "builder-6f7-aaaac", "builder-6f7-zzzzz"];
const owners = (of: readonly string[]) => new Map(keys.map((key) => [key, rendezvous(of, key)]));

describe("rendezvous hashing", () => {
  it("shares keys evenly among members whose names are alike", () => {
    const count = new Map<string | undefined, number>();
    for (const owner of owners(members).values()) count.set(owner, (count.get(owner) ?? 0) + 1);
    for (const member of members) {
      const share = (count.get(member) ?? 0) / keys.length;
      assert.ok(Math.abs(share - 0.25) < 0.02, `${member} has ${share}`);
    }
  });

  it("moves only the keys of the member that goes, and only to the one that comes", () => {
    const before = owners(members);
    const without = owners(members.slice(1));
    for (const [key, owner] of before) if (owner !== members[0]) assert.equal(without.get(key), owner, key);
    const joined = owners([...members, "builder-6f7-new"]);
    const moved = keys.filter((key) => joined.get(key) !== before.get(key));
    assert.ok(moved.every((key) => joined.get(key) === "builder-6f7-new"));
    assert.ok(moved.length > 1_700 && moved.length < 2_300, `${moved.length} of 10000 moved to the fifth`);
  });

  it("does not depend on the order in which members are known", () => {
    const reversed = owners([...members].reverse());
    for (const [key, owner] of owners(members)) assert.equal(reversed.get(key), owner);
  });

  it("has no owner where there is no member", () => {
    assert.equal(rendezvous([], "a/b"), undefined);
    assert.equal(rendezvous(["only"], "a/b"), "only");
  });
});
