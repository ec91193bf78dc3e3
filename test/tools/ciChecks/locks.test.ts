import assert from "node:assert/strict";
import { isDead, type Lock, locksIn } from "../../../tools/ciChecks/locks";

/** As Pulumi 3.259 says it. */
const LOCKED = `error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://state/.pulumi/locks/organization/knative-lambda/prod/1b.json: created by runner@fv-az1 (pid 2100) at 2026-11-25T08:00:00Z
  s3://state/.pulumi/locks/organization/knative-lambda/prod/2c.json: created by ada@desk (pid 7) at 2026-11-25T08:01:00+01:00`;

describe("a stack's lock", () => {
  const lock: Lock = { user: "runner", host: "fv-az1", pid: 2100 };
  const asker = (changes: Partial<Parameters<typeof isDead>[1]> = {}) => ({
    user: "runner",
    host: "fv-az2",
    isAlive: () => false,
    isAlone: false,
    ...changes,
  });

  it("is read from what pulumi says of it, and from nothing else", () => {
    assert.deepEqual(locksIn(LOCKED), [lock, { user: "ada", host: "desk", pid: 7 }]);
    assert.deepEqual(locksIn("error: created by runner@fv-az1 (pid 2100) at noon"), []);
  });

  it("is dead once its process is gone from this machine, whoever ran it", () => {
    assert.equal(isDead(lock, asker({ host: "fv-az1", user: "ada" })), true);
    assert.equal(isDead(lock, asker({ host: "fv-az1", isAlive: () => true, isAlone: true })), false);
    assert.equal(isDead(lock, asker({ host: "fv-az1", isAlive: (pid) => pid === 2100 })), false);
  });

  it("of another machine is dead only for one who is its only user, and alone", () => {
    assert.equal(isDead(lock, asker()), false);
    assert.equal(isDead(lock, asker({ isAlone: true })), true);
    assert.equal(isDead(lock, asker({ isAlone: true, user: "ada" })), false);
  });
});
