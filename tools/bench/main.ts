import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle, ENTRY } from "../bundle/bundle";
import { formatted } from "../formatted";
import { commit, figuresOf, machine, type ScaleReport } from "./report";
import { type Run, run } from "./run";
import { page } from "./table";
import { missed, shown, TARGETS } from "./targets";

const SIZES = [1_000, 10_000];
const EVENTS = 100;
const FOLDER = join(__dirname, "..", "..", "docs", "reports");

/** Measures one builder at each size, several times, and writes the report and its page. Fails where a target is missed. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "3" },
      idle: { type: "string", default: "60" },
      folder: { type: "string", default: FOLDER },
    },
  });
  const [n, idleSeconds] = [Number(values.runs), Number(values.idle)];
  const at = commit();
  const work = mkdtempSync(join(tmpdir(), "bench-"));
  const runs = new Map<number, Run[]>(SIZES.map((functions) => [functions, []]));
  try {
    const bundled = await bundle(ENTRY, join(work, "builder.cjs"));
    // In turn, so that what else the machine does falls on both.
    for (let index = 0; index < n; index += 1)
      for (const [functions, done] of runs) {
        done.push(await run({ bundle: bundled.file, functions, idleSeconds, events: EVENTS }));
        console.log(`${functions} functions, run ${index + 1} of ${n}: ${JSON.stringify(done.at(-1))}`);
      }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const report: ScaleReport = {
    date: new Date().toISOString(),
    commit: at,
    machine: machine(),
    n,
    idleSeconds,
    events: EVENTS,
    sizes: [...runs].map(([functions, done]) => ({ functions, figures: figuresOf(done) })),
  };
  mkdirSync(values.folder, { recursive: true });
  await write(join(values.folder, "builder-scale.json"), JSON.stringify(report));
  await write(join(values.folder, "README.md"), page(report));
  for (const { what, functions, unit, most, read } of TARGETS)
    console.log(
      `${functions} functions: ${what}: ${shown(read(report)?.value ?? Number.NaN)} ${unit}, at most ${most}`,
    );
  const misses = missed(report);
  if (misses.length > 0) throw new Error(`missed:\n${misses.join("\n")}`);
}

async function write(path: string, text: string): Promise<void> {
  writeFileSync(path, await formatted(path, text));
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
