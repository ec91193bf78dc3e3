import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";

/** One fault that was tried. */
export interface Row {
  fault: string;
  functions: number;
  /** How many of them were changed while the fault was on. */
  changed: number;
  /** How many of them were Ready as the fault ended. */
  readyAtEnd: number;
  /** From the end of the fault until all functions were Ready with the spec accepted last. */
  recoverySeconds: number;
  /** From the first function applied until then. */
  wholeSeconds: number;
}

const rows: Row[] = [];
const figures: Record<string, number> = {};

/** Says how a fault went: on the terminal, and in the report. */
export function report(row: Row): void {
  rows.push(row);
  console.log(
    `      ${row.functions} functions; all Ready ${row.recoverySeconds} s after the fault's end, ${row.wholeSeconds} s in all`,
  );
}

/** Says one figure. */
export function figure(name: string, value: number): void {
  figures[name] = value;
  console.log(`      ${name}: ${value}`);
}

/** Writes the report to the file that the environment names by REPORT. */
export function writeReport(): void {
  const file = process.env["REPORT"];
  if (file === undefined || rows.length === 0) return;
  const [cpu] = cpus();
  const content = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores (${cpu?.model ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    builders: 3,
    figures,
    faults: rows,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}
