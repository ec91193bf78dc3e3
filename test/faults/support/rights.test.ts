import assert from "node:assert/strict";
import { BUILD_NAMESPACE } from "../../../contract/names";
import type { Audited } from "./auditLog";
import { refused, unused } from "./rights";

const asked = (verb: string, objectRef: Audited["objectRef"], code = 200): Audited => ({
  verb,
  requestURI: "/an/address",
  user: { username: "builder" },
  ...(objectRef === undefined ? {} : { objectRef }),
  responseStatus: { code },
});

describe("the check of the builder's rights", () => {
  const right = `get batch/jobs in ${BUILD_NAMESPACE}`;

  it("names what was never asked for, and only that", () => {
    assert.ok(unused([]).includes(right));
    const jobs = { apiGroup: "batch", resource: "jobs", namespace: BUILD_NAMESPACE };
    assert.deepEqual(
      unused([]).filter((one) => !unused([asked("get", jobs)]).includes(one)),
      [right],
    );
  });

  it("takes what was asked for in another namespace for nothing", () => {
    const elsewhere = { apiGroup: "batch", resource: "jobs", namespace: "elsewhere" };
    assert.ok(unused([asked("get", elsewhere)]).includes(right));
  });

  it("finds what was refused, but for what was permitted too", () => {
    const jobs = { apiGroup: "batch", resource: "jobs", namespace: BUILD_NAMESPACE };
    const log = { resource: "pods", subresource: "log", namespace: BUILD_NAMESPACE };
    assert.deepEqual(
      refused([
        asked("get", log, 403),
        asked("get", log, 403),
        asked("list", jobs, 403),
        asked("list", jobs),
        asked("get", jobs, 404),
      ]),
      [`get /pods/log in ${BUILD_NAMESPACE}`],
    );
  });
});
