import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Requirement } from "../../support/requirements";

const CLUSTER = resolve(__dirname, "..", "..", "..", "..", "shared", "lab", "cluster");
const run = promisify(execFile);

/** Parts of the lab's cluster that can be taken away and brought back. */
export type Part = "api" | "kine" | "s3" | "kueue";

/** A cluster of which parts can be taken away. */
export const lab = (): Requirement => ({
  missing: existsSync(CLUSTER) ? undefined : "no lab beside this checkout, whose parts could be taken away",
});

export async function stop(part: Part): Promise<void> {
  await run(CLUSTER, ["stop", part]);
}

export async function start(part: Part): Promise<void> {
  await run(CLUSTER, ["start", part]);
}

/** Ends a process of the lab as a crash does. */
export function crash(name: string): void {
  process.kill(
    Number(readFileSync(join(process.env["LAB_HOME"] ?? "", "run", `${name}.pid`), "utf8")),
    "SIGKILL",
  );
}
