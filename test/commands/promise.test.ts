import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

/** Most memory that `npm start` may take, in KiB: what is left on a laptop or a small runner beside everything else. Measured: some 250 MB. */
const MOST_KIB = 400 * 1024;
/** Most time of a processor, in seconds: the 5 s that are promised of a machine with nothing else to do, and as much again for a slow one. Measured: 2.6 to 3.6. */
const MOST_CPU_S = 10;
/** By when it has ended on a machine that does a great deal else, in milliseconds. */
const MOST_MS = 240_000;

/** Has the process say on a pipe of its own, as it ends, what it took. */
const METER = `data:text/javascript,${encodeURIComponent(
  'import { writeSync } from "node:fs"; process.on("exit", () => writeSync(3, JSON.stringify(process.resourceUsage())));',
)}`;

describe("npm start, as a process", () => {
  it("prints a stack within the time and the memory that are promised of it", () => {
    const { status, stdout, stderr, output } = spawnSync(
      process.execPath,
      ["--require", "./tools/nodeVersion.cjs", "--import", METER, "--import", "tsx", "preview/main.ts"],
      {
        cwd: PROJECT_FOLDER,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe", "pipe"],
        timeout: MOST_MS,
        maxBuffer: 16 * 1024 * 1024,
      },
    );
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /^Stack dev: an offline evaluation\./);
    const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(output[3] ?? "") as NodeJS.ResourceUsage;
    assert.ok(maxRSS < MOST_KIB, `${Math.round(maxRSS / 1024)} MiB`);
    const seconds = (userCPUTime + systemCPUTime) / 1e6;
    assert.ok(seconds < MOST_CPU_S, `${seconds.toFixed(1)} s of a processor`);
  });
});
