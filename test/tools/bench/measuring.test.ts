import assert from "node:assert/strict";
import { dockerCommand } from "../../../tools/bench/dockerCommand";
import { readUse, useOf } from "../../../tools/bench/processUse";
import { spreadOf } from "../../../tools/bench/spread";

describe("what the builder's bench measures by", () => {
  it("reads CPU time and memory of a process, whatever its name", () => {
    const stat = `7 (a) b (c) S 1 7 7 0 -1 4194304 900 0 0 0 250 50 9 9 20 0 11 0 100 0 0`;
    const status = "Name:\ta\nVmPeak:\t  900000 kB\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\n";
    assert.deepEqual(readUse(stat, status), { cpuSeconds: 3, residentMiB: 100, peakMiB: 200 });
  });

  it("agrees with what a process says of itself", function () {
    if (process.platform !== "linux") this.skip();
    const before = useOf(process.pid).cpuSeconds;
    const own = process.cpuUsage();
    while (process.cpuUsage(own).user < 40_000);
    const { cpuSeconds, residentMiB, peakMiB } = useOf(process.pid);
    assert.ok(cpuSeconds - before >= 0.02 && cpuSeconds - before < 0.5, String(cpuSeconds - before));
    assert.ok(Math.abs(residentMiB - process.memoryUsage().rss / 2 ** 20) < 20);
    assert.ok(peakMiB >= residentMiB);
  });

  it("tells the middle and both ends, and nothing of what is no figure", () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, least: 1, most: 3 });
    assert.deepEqual(spreadOf([4, 1, 2, 3]), { median: 2.5, least: 1, most: 4 });
    assert.throws(() => spreadOf([]), RangeError);
    assert.throws(() => spreadOf([1, Number.NaN]), RangeError);
  });

  it("starts the builder as its image does", () => {
    const { arguments: given, environment } = dockerCommand();
    assert.equal(given[0], "node");
    assert.equal(given.at(-1), "/builder.cjs");
    assert.equal(environment["NODE_ENV"], "production");
    const flagged = dockerCommand(
      'FROM a\nENV X=0\nFROM b\nENV A=1 \\\n    B=2\nENTRYPOINT ["node", "--flag", "/b"]\n',
    );
    assert.deepEqual(flagged, { arguments: ["node", "--flag", "/b"], environment: { A: "1", B: "2" } });
    assert.throws(() => dockerCommand("FROM a\nENTRYPOINT node /b\n"), /no ENTRYPOINT as a list/);
  });
});
