import { execFile } from "node:child_process";

/** Runs kubectl and answers what it prints; fails with its words. */
export type Kubectl = (...args: string[]) => Promise<string>;

const MOST_BYTES = 32 * 2 ** 20;

/** kubectl of the PATH, against its current context. */
export const kubectl: Kubectl = (...args) =>
  new Promise((done, failed) => {
    execFile(
      "kubectl",
      [...args, "--request-timeout=20s"],
      { maxBuffer: MOST_BYTES },
      (error, stdout, stderr) => {
        if (error === null) done(stdout);
        else if (error.code === "ENOENT") failed(new Error("there is no kubectl on the PATH"));
        else failed(new Error(`kubectl ${args.slice(0, 2).join(" ")}: ${stderr.trim() || error.message}`));
      },
    );
  });
