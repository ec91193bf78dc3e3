import assert from "node:assert/strict";
import {
  commandAnnotation,
  COMMANDS,
  commandText,
  isReservedAnnotation,
  readCommand,
} from "../../contract/annotations";
import { actionOf, commandType } from "../../contract/eventTypes";
import { parserName, parserRuntime } from "../../contract/parser";

describe("commands", () => {
  it("read what was written, for each command on its own", () => {
    const given = { id: "1", generation: 3, at: "2026-11-25T00:00:00Z" };
    const annotations = { [commandAnnotation("build.retry")]: commandText(given) };
    assert.deepEqual(readCommand(annotations, "build.retry"), given);
    for (const command of COMMANDS.filter((other) => other !== "build.retry"))
      assert.equal(readCommand(annotations, command), undefined);
    assert.equal(readCommand(undefined, "build.retry"), undefined);
  });

  it("take any text that was written by hand for an id", () => {
    const read = (text: string) => readCommand({ [commandAnnotation("build.start")]: text }, "build.start");
    for (const text of ["again", "7", '{"id":""}', "{", "null"]) assert.deepEqual(read(text), { id: text });
    assert.equal(read(" "), undefined);
  });

  it("are annotations that Kubernetes takes and no author sets through an event", () => {
    for (const command of COMMANDS) {
      assert.match(commandAnnotation(command), /^lambda\.knative\.io\/[a-z.-]{1,63}$/);
      assert.ok(isReservedAnnotation(commandAnnotation(command)));
      assert.deepEqual(actionOf(commandType(command)), { kind: "command", command });
    }
    assert.ok(!isReservedAnnotation("lambda.knative.io/team"));
  });
});

describe("parsers", () => {
  it("have the prefix once", () => {
    assert.equal(parserName("1"), "parser-1");
    assert.equal(parserName("parser-1"), "parser-1");
  });

  it("run on the version of the platform's own base image", () => {
    const version = (image: string) => parserRuntime(image).version;
    assert.equal(version("registry:5000/python:3.11-slim"), "3.11");
    assert.equal(version("a/python:3.13.1-slim-bookworm@sha256:aa11"), "3.13.1");
    assert.equal(version("registry:5000/python@sha256:aa11"), "3");
  });
});
