import assert from "node:assert/strict";
import fc from "fast-check";
import { logTail, readKanikoLog, TAIL_LINES } from "../../../../builder/build/kaniko/log";
import { FAILED } from "../support/kanikoLog";

const tail = (text: string): string[] => logTail(readKanikoLog(text));

describe("a build's log", () => {
  it("tells Kaniko's words from those of the build's commands", () => {
    assert.deepEqual(
      readKanikoLog('{"level":"info","msg":"a","time":"t"}\nplain\n{"level": 1}\n{broken\n\n'),
      [
        { level: "info", text: "a" },
        { level: undefined, text: "plain" },
        { level: undefined, text: '{"level": 1}' },
        { level: undefined, text: "{broken" },
      ],
    );
  });
  it("ends with what a user wants to read, without Kaniko's progress", () => {
    assert.deepEqual(tail(FAILED.command), [
      "Looking in links: /wheels",
      "ERROR: No matching distribution found for nosuchpackage==1.0",
      "error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1",
    ]);
  });
  it("is cut to its last lines, and long lines to their beginning", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    assert.deepEqual(tail(lines.join("\n")), lines.slice(-TAIL_LINES));
    const [long = ""] = tail("x".repeat(100_000));
    assert.equal(long.length, 500);
    assert.ok(tail(Array.from({ length: 20 }, () => "y".repeat(490)).join("\n")).join("\n").length <= 4000);
  });
  it("shows no colours, no cursor movements, and of a progress bar what is seen last", () => {
    assert.deepEqual(tail("\u001b[31mred\u001b[0m\u0007\n 10%\r 50%\r100%\r\n\u001b]0;title\u0007done\n"), [
      "red",
      "100%",
      "done",
    ]);
  });
  it("shows no password or token", () => {
    const shown = tail(
      [
        "Looking in indexes: https://user:hunter2@pip.example.com/simple",
        "git+https://hunter2@git.example.com/x",
        "//npm.example.com/:_authToken=hunter2",
        "> Authorization: Bearer hunter2",
        "Authorization: basic hunter2==",
      ].join("\n"),
    ).join("\n");
    assert.doesNotMatch(shown, /hunter2/);
    assert.match(shown, /pip\.example\.com\/simple/);
  });
  it("is read whatever it says", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const line of tail(text)) assert.doesNotMatch(line, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
});
