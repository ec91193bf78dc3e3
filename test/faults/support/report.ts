import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname } from "node:path";
import { commit, machine } from "../../../tools/bench/report";
import type { FaultRow, FaultsReport } from "../../../tools/reliability/report";

const rows: FaultRow[] = [];
const figures: Record<string, number> = {};

/** Says how a fault went: on the terminal, and in the report. */
export function report(row: FaultRow): void {
  rows.push(row);
  writeReport();
  console.log(
    `      ${row.functions} functions; all Ready ${row.recoverySeconds} s after the fault's end, ${row.wholeSeconds} s in all`,
  );
}

/** Says one figure, rounded to tenths. */
export function figure(name: string, value: number): void {
  figures[name] = Math.round(value * 10) / 10;
  writeReport();
  console.log(`      ${name}: ${figures[name]}`);
}

let before: FaultsReport | undefined;

/** Adds this run, as far as it has come, to the report in the file that the environment names by REPORT: one that is ended keeps what it has. */
function writeReport(): void {
  const file = process.env["REPORT"];
  if (file === undefined) return;
  before ??= existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as FaultsReport) : { runs: [] };
  const { cpu, cores, memoryGiB } = machine();
  const run = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: { cpu, cores, memoryGiB },
    load: Math.round((loadavg()[2] ?? 0) * 10) / 10,
    builders: 3,
    figures,
    faults: rows,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ runs: [...before.runs, run] }, undefined, 2)}\n`);
}
