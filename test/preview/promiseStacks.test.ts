import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { RecordingMonitor } from "../../preview/recordingMonitor";

class Resource extends pulumi.CustomResource {}

describe("the SDK's notes of promises", () => {
  it("are without where they were made, and errors have all of their stack", async () => {
    pulumi.runtime.setMockOptions(new RecordingMonitor(() => ({})), "p", "s", true);
    const limit = Error.stackTraceLimit;
    const noted: unknown[] = [];
    const define = Object.defineProperty.bind(Object);
    Object.defineProperty = ((target: object, key: PropertyKey, attributes: PropertyDescriptor) => {
      if (key === "_debugStackTrace") noted.push(attributes.value);
      return define(target, key, attributes);
    }) as typeof Object.defineProperty;
    try {
      const one = new Resource("a:b:C", "c", { d: 1 });
      await new Promise((resolve) => one.urn.apply(resolve));
    } finally {
      Object.defineProperty = define;
    }
    assert.ok(noted.length > 0, "the SDK notes promises another way by now: see preview/promiseStacks.ts");
    assert.deepEqual([...new Set(noted)], ["Error"]);
    assert.equal(Error.stackTraceLimit, limit);
    assert.match(new Error("here").stack ?? "", /promiseStacks\.test\.ts/);
  });
});
