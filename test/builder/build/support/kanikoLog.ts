/** Lines as Kaniko writes them with `--log-format=json`: taken from logs of version 1.25.5, whose last words are plain text. */
export const info = (msg: string): string =>
  JSON.stringify({ level: "info", msg, time: "2026-11-25T04:48:36Z" });
export const hit = (command: string): string => info(`Using caching version of cmd: ${command}`);
export const miss = (command: string): string => info(`No cached layer found for cmd ${command}`);
export const log = (...lines: string[]): string => lines.map((line) => `${line}\n`).join("");

const COMMAND =
  "error building image: error building stage: failed to execute command: waiting for process to exit: exit status";

/** Logs of failed builds. */
export const FAILED = {
  command: log(
    info("Running: [/bin/sh -c pip install -r requirements.txt]"),
    "Looking in links: /wheels",
    "ERROR: No matching distribution found for nosuchpackage==1.0",
    `${COMMAND} 1`,
  ),
  killed: log(info('Running: [/bin/sh -c python3 -c "x=bytearray(3<<30)"]'), "Killed", `${COMMAND} 137`),
  copy: log(
    info("Executing 0 build triggers"),
    "error building image: error building stage: failed to optimize instructions: failed to get files used from context: failed to get fileinfo for /kaniko/buildcontext/nofile: lstat /kaniko/buildcontext/nofile: no such file or directory",
  ),
  baseImage: log(
    JSON.stringify({
      level: "warning",
      msg: "Retrying operation after 1s due to GET http://10.0.0.1:5000/v2/nope/manifests/1: MANIFEST_UNKNOWN: manifest unknown; map[Tag:1]",
    }),
    JSON.stringify({
      level: "error",
      msg: "Error while retrieving image from cache: 10.0.0.1:5000/nope:1 unable to complete operation after 1 attempts",
    }),
    "error building image: unable to complete operation after 1 attempts, last error: GET http://10.0.0.1:5000/v2/nope/manifests/1: MANIFEST_UNKNOWN: manifest unknown; map[Tag:1]",
  ),
  dockerfile: log(
    "error building image: parsing dockerfile: dockerfile parse error on line 1: unknown instruction: FRUM (did you mean FROM?)",
  ),
} as const;
